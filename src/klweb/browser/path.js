// @ts-check
// What is left to learn for a reader's goals: how far it is, what comes next, and why each step is needed.

import { find, make, makeButton, makeLink } from "./elements.js";
import { setLetters } from "./letters.js";
import { count, duration, listed, told } from "./words.js";

/**
 * @typedef {import("./learner.js").Learner} Learner
 * @typedef {import("./learner.js").Step} Step
 * @typedef {import("./learner.js").Topic} Topic
 * @typedef {{item: HTMLLIElement, facts: HTMLElement, why: HTMLElement}} Shown
 */

/** How many steps are shown until a reader asks for all. */
const FIRST = 6;
/** How many reasons are given for a step until a reader asks for all. */
const REASONS = 2;

export class Path {
  /** @type {Map<string, Shown>} steps by topic */
  #shown = new Map();
  #isLong = false;

  /**
   * @param {HTMLElement} section
   * @param {import("./marking.js").Marking} marking
   */
  constructor(section, marking) {
    this.section = section;
    this.marking = marking;
    this.learner = marking.learner;
    const part = (/** @type {string} */ name) => find(section, `[data-${name}]`);
    this.suggestions = part("suggestions");
    this.way = part("way");
    this.goals = part("goals");
    this.words = part("progress");
    this.steps = part("steps");
    this.bar = /** @type {HTMLProgressElement} */ (part("bar"));
    this.more = part("more");
    this.undo = part("undo");
    this.more.addEventListener("click", () => {
      this.#isLong = !this.#isLong;
      this.#show();
    });
    this.undo.addEventListener("click", () => this.#undo());
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (section.querySelectorAll("[data-suggestion]"))) {
      button.disabled = false;
      button.addEventListener("click", () => this.#begin(button.dataset.suggestion ?? ""));
    }
    this.learner.subscribe(() => this.#show());
  }

  /** Bring the reader here. */
  focus() {
    const title = find(this.section, "h2");
    title.focus({ preventScroll: true });
    title.scrollIntoView();
  }

  /** @param {string} id */
  #begin(id) {
    this.learner.addGoal(id);
    this.focus();
  }

  #undo() {
    const change = this.learner.undo();
    if (change) this.marking.reply.say(this.section, `Taken back: ${this.#told(change)}.`);
    if (this.undo.hidden) this.focus();
  }

  /** @param {import("./learner.js").Change} change */
  #told(change) {
    return told(change, (id) => this.learner.topic(id).title);
  }

  #show() {
    const { learner } = this;
    const { goals } = learner.state;
    this.suggestions.hidden = goals.length > 0;
    this.way.hidden = !goals.length;
    this.undo.hidden = !learner.lastChange;
    if (learner.lastChange) this.undo.textContent = `Undo: ${this.#told(learner.lastChange)}`;
    if (!goals.length) {
      this.#shown.clear();
      this.steps.replaceChildren();
      return;
    }
    this.#showGoals(goals);
    this.#showProgress(goals);
    this.#showSteps();
    this.marking.show(this.steps);
  }

  /** @param {string[]} goals */
  #showGoals(goals) {
    const focused = this.goals.contains(document.activeElement);
    this.goals.replaceChildren(...goals.map((id) => {
      const { title, url } = this.learner.topic(id);
      const link = makeLink("", url);
      setLetters(link, title);
      const item = make("li", "", link);
      const { done, total } = this.learner.progress([id]);
      if (goals.length > 1) item.append(make("span", "topic-fact", `${done} of ${total} known`));
      item.append(makeButton("Remove", () => this.#drop(id), title));
      return item;
    }));
    // Whoever removed a goal by keyboard goes on from the next one.
    if (focused) (this.goals.querySelector("button") ?? this.section.querySelector("h2"))?.focus();
  }

  /** @param {string} id */
  #drop(id) {
    this.learner.dropGoal(id);
    this.marking.reply.say(this.section, `${this.learner.topic(id).title} is no longer a goal.`);
    if (this.way.hidden) this.focus();
  }

  /** @param {string[]} goals */
  #showProgress(goals) {
    const { done, total, minutesLeft } = this.learner.progress();
    this.bar.max = total;
    this.bar.value = done;
    const titles = listed(goals.map((id) => this.learner.topic(id).title));
    const words = done < total
      ? `${done} of ${count(total, "topic")} known; ${count(total - done, "topic")} left, ${duration(minutesLeft)}.`
      : `You know all ${count(total, "topic")}: you have reached ${titles}.`;
    if (this.words.textContent !== words) setLetters(this.words, words);
  }

  #showSteps() {
    const path = this.learner.path();
    const steps = this.#withLatest(path);
    const visible = steps.slice(0, this.#isLong ? steps.length : FIRST);
    const ids = new Set(visible.map(({ topic }) => topic.id));
    for (const [id, { item }] of this.#shown) {
      if (ids.has(id)) continue;
      item.remove();
      this.#shown.delete(id);
    }
    const isNext = path.find(({ ready }) => ready);
    visible.forEach((step, place) => {
      const shown = this.#shown.get(step.topic.id) ?? this.#make(step.topic);
      this.#fill(shown, step, step === isNext);
      if (this.steps.children[place] !== shown.item) this.steps.insertBefore(shown.item, this.steps.children[place] ?? null);
    });
    this.more.hidden = steps.length <= FIRST;
    this.more.textContent = this.#isLong ? "Show the next steps only" : `Show all ${path.length} steps`;
    this.more.setAttribute("aria-expanded", String(this.#isLong));
  }

  /**
   * The step that was just marked as known stays where it was, with what comes of it, until the next one is.
   * @param {Step[]} path
   */
  #withLatest(path) {
    const { latest } = this.marking;
    if (!this.#shown.has(latest) || !this.learner.isKnown(latest)) return path;
    const place = this.learner.topics.indexOf(this.learner.topic(latest));
    const before = path.findIndex(({ topic }) => this.learner.topics.indexOf(topic) > place);
    const at = before < 0 ? path.length : before;
    return [...path.slice(0, at), { topic: this.learner.topic(latest), ready: false, why: [] }, ...path.slice(at)];
  }

  /** @param {Topic} topic */
  #make(topic) {
    const link = makeLink("", topic.url);
    setLetters(link, topic.title);
    const facts = make("span", "topic-fact");
    const why = make("div", "step-why");
    const words = make("div", "step-words", make("p", "", link, " ", facts), why);
    const item = make("li", "step", words, this.marking.makeButton("know", topic.id));
    item.dataset.topic = topic.id;
    const shown = { item, facts, why };
    this.#shown.set(topic.id, shown);
    return shown;
  }

  /**
   * @param {Shown} shown
   * @param {Step} step
   * @param {boolean} isNext whether it is the first that can be learnt now
   */
  #fill({ item, facts, why }, { topic, ready, why: reasons }, isNext) {
    item.classList.toggle("ready", ready);
    if (isNext) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
    facts.replaceChildren(make("span", "minutes", `${topic.minutes} min`));
    if (ready) facts.append(" ", make("span", "tag", "Ready next"));
    if (this.learner.isGoal(topic.id)) facts.append(" ", make("span", "tag plain", "Goal"));
    const lines = reasons.map((reason) => {
      const line = make("p", "");
      setLetters(line, `for ${reason.title}: ${reason.why}`);
      return line;
    });
    const isOpen = why.querySelector("details")?.open;
    why.replaceChildren(...lines.slice(0, REASONS));
    if (lines.length <= REASONS) return;
    const rest = make("details", "", make("summary", "", `and for ${lines.length - REASONS} more`), ...lines.slice(REASONS));
    rest.open = Boolean(isOpen);
    why.append(rest);
  }
}
