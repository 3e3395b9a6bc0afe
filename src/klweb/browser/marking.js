// @ts-check
/**
 * The buttons *I know this* and *Set as goal*, wherever on a page they stand: `data-know` and `data-goal` name the topic.
 *
 * What stands inside an element with `data-topic` is about that topic, and what comes of a button is said there. Links to
 * topics that are known are marked as such.
 */

import { make, makeButton } from "./elements.js";
import { Reply } from "./reply.js";
import { count, duration } from "./words.js";

/** @typedef {import("./learner.js").Learner} Learner */

export class Marking {
  /** The topic that was marked last, as long as nothing else was: it stays where it stands. */
  latest = "";

  /**
   * @param {Learner} learner
   */
  constructor(learner) {
    this.learner = learner;
    this.reply = new Reply();
    document.addEventListener("click", (event) => this.#pressed(/** @type {Element} */ (event.target)));
    for (const button of document.querySelectorAll("[data-know], [data-goal]")) button.removeAttribute("disabled");
    learner.subscribe(() => this.show(document));
  }

  /**
   * @param {"know" | "goal"} kind
   * @param {string} id
   */
  makeButton(kind, id) {
    const button = makeButton(kind === "know" ? "I know this" : "Set as goal", undefined, this.learner.topic(id).title);
    button.dataset[kind] = id;
    return button;
  }

  /**
   * Bring what stands in an element in line with what is marked.
   * @param {ParentNode} root
   */
  show(root) {
    const { learner } = this;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-know], [data-goal]"))) {
      const { know, goal = "" } = button.dataset;
      button.setAttribute("aria-pressed", String(know ? learner.isKnown(know) : learner.isGoal(goal)));
    }
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("li[data-topic]"))) {
      const isKnown = learner.isKnown(item.dataset.topic ?? "");
      if (isKnown === "known" in item.dataset) continue;
      if (isKnown) {
        item.dataset.known = "";
        item.querySelector("a, b")?.append(make("span", "known-mark", make("span", "hidden", " (known)")));
      } else {
        delete item.dataset.known;
        item.querySelector(".known-mark")?.remove();
      }
    }
  }

  /** @param {Element} target */
  #pressed(target) {
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-know], [data-goal]"));
    const place = button?.closest("[data-topic]");
    if (!button || !place) return;
    const { know, goal } = button.dataset;
    this.reply.clear();
    if (know) this.#know(know, place, button);
    else if (goal) this.#want(goal, place);
  }

  /**
   * @param {string} id
   * @param {Element} place
   * @param {HTMLElement} button
   */
  #know(id, place, button) {
    const { learner } = this;
    this.latest = id;
    if (learner.isKnown(id)) return learner.unknow(id);
    const missing = learner.missingBelow(id);
    learner.know(id);
    if (!missing.length) return;
    const isAll = missing.length === learner.below(id).length;
    const which = missing.length === 1 ? "the topic" : `the ${count(missing.length, isAll ? "topic" : "other topic")}`;
    this.reply.say(place, `Also mark ${which} it rests on?`, [
      { words: "Yes", act: () => this.#knowAll(missing, place, button) },
      { words: "No", act: () => {} },
    ], button);
  }

  /**
   * @param {string[]} ids
   * @param {Element} place
   * @param {HTMLElement} button
   */
  #knowAll(ids, place, button) {
    this.learner.know(...ids);
    this.reply.say(place, `${count(ids.length, "more topic")} marked as known.`, [this.#undo()], button);
  }

  /**
   * @param {string} id
   * @param {Element} place
   */
  #want(id, place) {
    const { learner } = this;
    if (learner.isGoal(id)) return learner.dropGoal(id);
    learner.addGoal(id);
    // A topic's own page says all this anyway.
    if (!document.getElementById("path")) return;
    const { done, total, minutesLeft } = learner.progress([id]);
    const words = done === total ? "You have reached this goal already."
      : `${count(total - done, "topic")} to go, ${duration(minutesLeft)}.`;
    this.reply.say(place, words, [{ words: "See your path", url: "#path" }]);
  }

  #undo() {
    return { words: "Undo", act: () => void this.learner.undo() };
  }

  /**
   * Say where marks are not kept, and offer the one way to keep them.
   * @param {HTMLElement} line
   * @param {() => void} save
   */
  tellIfUnkept(line, save) {
    this.learner.subscribe(({ kept, isOutdated, isEmpty }) => {
      line.hidden = kept || isEmpty;
      if (line.hidden || line.textContent) return;
      const why = isOutdated
        ? "A newer release of this site has kept your marks here, and this page is an older one: load it again."
        : "This browser does not let the site keep anything, or has no room for it.";
      line.append(`${why} What you mark lasts until you leave this page. `, makeButton("Save it as a file", save));
    });
  }
}
