// @ts-check
// Practice: questions that check what a reader answers, and draw fresh variants. The page brings each question with its
// first variant, which needs no Python; templates/question.html has the elements.

import { draw, makeButton, makeForm, unseen } from "./forms.js";
import { setText } from "./letters.js";

export { setUpReview } from "./review.js";

/**
 * @typedef {import("./figure.js").Figure} Figure
 * @typedef {import("./learner.js").Learner} Learner
 * @typedef {import("./answers.js").Verdict} Verdict
 * @typedef {object} Definition what Python draws variants from; what is not named here is for Python alone
 * @property {string} id
 * @property {string} [unit] of what is typed
 * @property {number} [tolerance]
 * @typedef {object} Variant see klweb.practice.variant
 * @property {number} seed
 * @property {string[]} slots
 * @property {import("./answers.js").Answer} [answer] of what is typed
 * @property {{place: number, value: string}[]} [mistakes]
 * @property {number[]} [order] of choices or steps as they are shown
 * @property {number} [right] the right choice
 * @property {string} [preset] of the figure
 * @property {[string, any?][]} [do] what is set, or pressed, in the figure
 * @typedef {{definition: Definition, variant: Variant}} Shown
 */

/**
 * @typedef {object} Practice
 * @property {Pick<Learner, "practised">} learner
 * @property {(request: {op: string, question: Definition, seed: number}) => Promise<any>} ask Python's answer to a request
 * @property {(element: Element) => Figure | undefined} getFigure
 * @property {(text: string) => void} [put] writes the variant into the address, under the name `practice`
 * @property {ParentNode} [root]
 */

/** Under this name a variant stands in the address: `#practice=kl-two-coins:7`. */
const NAME = "practice";
/** Seeds go from 1 to this. */
const MOST = 999_999;
/** How long Python may take before the page says that it is on its way. */
const PATIENCE_MS = 250;

/** What is said of an answer first, and the mark beside it. @type {Record<Verdict, {words: string, mark: import("./forms.js").Mark}>} */
const VERDICTS = {
  right: { words: "Right.", mark: "right" },
  "right-wrong-unit": { words: "Right number, wrong unit.", mark: "nearly" },
  mistake: { words: "Not this one.", mark: "wrong" },
  close: { words: "Close; more digits?", mark: "nearly" },
  wrong: { words: "Not this one.", mark: "wrong" },
};

/**
 * Bring the page's questions to life, and show the variant that its address names.
 * @param {Practice} practice
 */
export function setUpPractice({ learner, ask, getFigure, put = keep, root = document }) {
  const sections = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("section.question")]);
  const questions = sections.map((section) => new Question(section, { learner, ask, getFigure, put }));
  const follow = (/** @type {boolean} */ isFirst) => {
    const link = readLink(location.hash);
    const question = questions.find(({ id }) => id === link?.id);
    const isShown = question?.variant.seed === link?.seed;
    if (!link || !questions.length || (isShown && !isFirst)) return;
    (question ?? questions[0]).section.scrollIntoView();
    if (question && link.seed) return void (isShown || question.vary(link.seed));
    (question ?? questions[0]).note(question ? "This link asks for a variant that does not exist, so here is another one."
      : "The question that this link leads to is not on this page (any more).", true);
    put("");
  };
  follow(true);
  addEventListener("hashchange", () => follow(false));
}

/**
 * Read which variant an address names.
 * @param {string} hash
 * @returns {{id: string, seed: number} | undefined} the seed is 0 where there is none that can be drawn
 */
export function readLink(hash) {
  const entry = hash.replace(/^#/, "").split("&").find((part) => part.startsWith(`${NAME}=`));
  if (entry === undefined) return undefined;
  const [id, seed = ""] = entry.slice(NAME.length + 1).replace(/%3A/i, ":").split(/:(.*)/s);
  return { id, seed: /^[1-9]\d*$/.test(seed) && Number(seed) <= MOST ? Number(seed) : 0 };
}

/**
 * Return an address's fragment with another variant in it; an anchor gives way.
 * @param {string} hash
 * @param {string} text nothing for a first variant
 */
export function writeLink(hash, text) {
  const others = hash.replace(/^#/, "").split("&").filter((part) => part.includes("=") && !part.startsWith(`${NAME}=`));
  const parts = text ? [...others, `${NAME}=${text}`] : others;
  return parts.length ? `#${parts.join("&")}` : "";
}

/** @param {string} text */
function keep(text) {
  try {
    history.replaceState(history.state, "", writeLink(location.hash, text) || location.pathname + location.search);
  } catch {
    // Browsers limit how often the address may change.
  }
}

/**
 * Draw a seed at random, another one than this.
 * @param {number} last
 * @param {() => number} random
 */
export function drawSeed(last, random = Math.random) {
  const seed = 1 + Math.floor(random() * (MOST - 1));
  return seed < last ? seed : seed + 1;
}

class Question {
  /** Variants of which an answer was counted. @type {Set<number>} */
  #counted = new Set();
  #isWaiting = false;
  /** How many variants were asked for: an answer to an earlier request no longer counts. */
  #turn = 0;

  /**
   * @param {HTMLElement} section
   * @param {Required<Omit<Practice, "root">>} practice
   */
  constructor(section, practice) {
    // A figure in it has a form, notes and buttons of its own, so all is found by names that only questions have.
    const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (section.querySelector(selector));
    this.section = section;
    this.practice = practice;
    /** @type {Shown} */
    const { definition, variant } = JSON.parse(find('script[type="application/json"]').textContent ?? "");
    this.definition = definition;
    this.variant = variant;
    this.id = definition.id;
    this.verdict = find("[data-verdict]");
    this.line = find(".question-note");
    this.solution = /** @type {HTMLDetailsElement} */ (find(".question-solution"));
    this.form = makeForm(section, (text) => this.note(text));
    this.hints = new Hints(section);
    const element = section.querySelector("figure.widget");
    this.figure = element ? practice.getFigure(element) : undefined;

    find(".question-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check();
    });
    section.querySelector('.question-actions [data-action="another"]')?.addEventListener("click", () => {
      if (!this.#isWaiting) void this.vary(drawSeed(this.variant.seed));
    });
    const link = /** @type {HTMLButtonElement | null} */ (section.querySelector(".question-foot button"));
    link?.addEventListener("click", () => this.#copyLink());
    if (link) link.disabled = false;
    /** @type {HTMLFieldSetElement} */ (find(".question-form > fieldset")).disabled = false;
    if (this.figure && variant.do?.length) this.#offerFigure(this.figure);
  }

  #check() {
    const judged = this.form.check(this);
    const words = document.createElement("div");
    if ("problem" in judged) {
      words.textContent = judged.problem;
      this.verdict.replaceChildren(words);
    } else {
      const { verdict, says, reason, words: own = VERDICTS[verdict].words } = judged;
      const first = document.createElement("strong");
      first.textContent = own;
      words.append(first, " ", ...says);
      const why = this.section.querySelector(`[data-reason="${reason}"] > .question-says`);
      if (why) words.append(" ", why.cloneNode(true));
      this.verdict.replaceChildren(draw(VERDICTS[verdict].mark), words);
      this.#count(verdict);
    }
    this.note("");
    this.verdict.scrollIntoView({ block: "nearest" });
  }

  /** Have the first answer to each variant remembered. One that asks for more digits is not decided yet. @param {Verdict} verdict */
  #count(verdict) {
    const { seed } = this.variant;
    if (verdict === "close" || this.#counted.has(seed)) return;
    this.#counted.add(seed);
    this.practice.learner.practised(this.id, verdict === "right");
  }

  /**
   * Ask Python for another variant, and show it.
   * @param {number} seed
   */
  async vary(seed) {
    const turn = (this.#turn += 1);
    this.#isWaiting = true;
    const late = setTimeout(() => this.note("Python is on its way, and the other variant with it."), PATIENCE_MS);
    try {
      const answer = await this.practice.ask({ op: "variant", question: this.definition, seed });
      if (turn !== this.#turn) return;
      if (!answer.ok) throw new Error(answer.error.message);
      this.#show(answer.variant);
      this.practice.put(seed === 1 ? "" : `${this.id}:${seed}`);
      this.note(`This is variant ${seed}.`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (turn === this.#turn) this.note(`There is no other variant now: ${reason.replace(/[.!?]*$/, ".")} The question stays as it is.`, true);
    } finally {
      clearTimeout(late);
      if (turn === this.#turn) this.#isWaiting = false;
    }
  }

  /** @param {Variant} variant */
  #show(variant) {
    this.variant = variant;
    this.section.dataset.seed = String(variant.seed);
    this.verdict.replaceChildren();
    this.hints.hide();
    this.solution.open = false;
    for (const slot of /** @type {NodeListOf<HTMLElement>} */ (this.section.querySelectorAll("[data-slot]"))) {
      setText(slot, variant.slots[Number(slot.dataset.slot)]);
    }
    for (const seed of this.section.querySelectorAll(".question-seed")) setText(seed, String(variant.seed));
    this.form.show(variant);
    this.#showPreset();
  }

  /**
   * Have the figure show what a new variant is about; what is then to be done in it is the reader's. Not so for the first
   * one, whose text asks for the example: a page that was only opened leaves its figures, and its address, as they are.
   */
  #showPreset() {
    const { figure, variant: { preset } } = this;
    if (figure && preset && !figure.element.querySelector(`button[data-preset="${preset}"][aria-pressed="true"]`)) {
      void figure.preset(preset, false);
    }
  }

  /** Offer, with the solution, to do in the figure what the reader was to do. @param {Figure} figure */
  #offerFigure(figure) {
    const button = makeButton("Show it in the figure");
    button.addEventListener("click", async () => {
      const { preset, do: done = [] } = this.variant;
      if (preset) await figure.preset(preset, false);
      for (const [name, ...value] of done) {
        figure.control(value.length ? { type: "set", name, value: value[0] } : { type: "press", name });
      }
      figure.element.scrollIntoView({ block: "nearest" });
    });
    const line = document.createElement("p");
    line.className = "question-actions";
    line.append(button);
    this.solution.append(line);
  }

  async #copyLink() {
    const url = new URL(location.href);
    url.hash = writeLink("", `${this.id}:${this.variant.seed}`);
    try {
      await navigator.clipboard.writeText(url.href);
      this.note("The link is copied.");
    } catch {
      this.note(`The link: ${url.href}`);
    }
  }

  /** Say something that is no verdict. @param {string} text @param {boolean} [isFailure] */
  note(text, isFailure = false) {
    this.line.classList.toggle("failure", isFailure);
    setText(this.line, text);
  }
}

/** Hints that a button shows one by one. Without scripts they stand folded under the question. */
class Hints {
  /** @param {HTMLElement} section */
  constructor(section) {
    const folded = /** @type {HTMLElement} */ (section.querySelector(".question-hints"));
    const list = /** @type {HTMLElement} */ (folded.querySelector("ol"));
    this.items = /** @type {HTMLElement[]} */ ([...list.children]);
    this.button = /** @type {HTMLButtonElement} */ (section.querySelector('.question-actions [data-action="hint"]'));
    this.button.addEventListener("click", () => this.#next());
    list.className = folded.className;
    folded.replaceWith(list);
    this.hide();
  }

  hide() {
    for (const item of this.items) item.hidden = true;
    this.#say();
  }

  #next() {
    const item = this.items.find(({ hidden }) => hidden);
    if (!item) return;
    item.hidden = false;
    this.#say();
    item.scrollIntoView({ block: "nearest" });
  }

  #say() {
    const isOver = this.items.every(({ hidden }) => !hidden);
    // Disabled for good it would lose the focus; a longer name would move its neighbour.
    this.button.setAttribute("aria-disabled", String(isOver));
    this.button.replaceChildren("Hint", ...(isOver ? [unseen(" (no more)")] : []));
  }
}
