// @ts-check
// How a question is answered: a number is typed, one of several choices is chosen, or steps are put in order.

import { grade, read } from "./answers.js";
import { setText } from "./letters.js";

/**
 * @typedef {import("./practice.js").Shown} Shown
 * @typedef {import("./practice.js").Variant} Variant
 * @typedef {object} Judged
 * @property {import("./answers.js").Verdict} verdict
 * @property {string} [words] the verdict in words, where those for all questions do not fit
 * @property {(string | Node)[]} says
 * @property {number} [reason] which of the question's explanations is to follow
 * @typedef {{check: (shown: Shown) => Judged | {problem: string}, show: (variant: Variant) => void}} Form
 */

/** @typedef {"right" | "wrong" | "nearly" | "up" | "down"} Mark */

/** Shapes in a box of 16 by 16: of marks as in sitegen/predict.py, and of the arrows that move a step. */
const SHAPES = {
  right: "M2.5 8.5 6.2 12.5 13.5 3.5",
  wrong: "M3 3 13 13M13 3 3 13",
  nearly: "M2 6.8c2-3 4-3 6-1s4 2 6-1M2 11.6c2-3 4-3 6-1s4 2 6-1",
  up: "M8 13V3M3.5 7.5 8 3l4.5 4.5",
  down: "M8 3v10M3.5 8.5 8 13l4.5-4.5",
};

/**
 * @param {HTMLElement} section
 * @param {(text: string) => void} tell
 * @returns {Form}
 */
export function makeForm(section, tell) {
  const { kind } = section.dataset;
  if (kind === "choice") return new Choices(section);
  return kind === "order" ? new Steps(section, tell) : new Field(section);
}

/** A number that is typed. @implements {Form} */
class Field {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.input = /** @type {HTMLInputElement} */ (section.querySelector('input[name="answer"]'));
    this.verdict = `${section.id}-verdict`;
    this.described = this.input.getAttribute("aria-describedby") ?? "";
    this.input.addEventListener("input", () => this.#refuse(false));
  }

  /** @param {boolean} isRefused */
  #refuse(isRefused) {
    this.input.setAttribute("aria-invalid", String(isRefused));
    this.input.setAttribute("aria-describedby", `${isRefused ? this.verdict : ""} ${this.described}`.trim());
  }

  /** @param {Shown} shown @returns {Judged | {problem: string}} */
  check({ definition, variant: { answer, mistakes } }) {
    const given = read(this.input.value, definition.unit);
    this.#refuse("problem" in given);
    if ("problem" in given) return given;
    if (!answer) throw new TypeError(`${definition.id} has no answer`);
    const { verdict, says, place } = grade(given, { answer, mistakes }, definition);
    return { verdict, says: [says], reason: place };
  }

  show() {
    this.input.value = "";
    this.#refuse(false);
  }
}

/** Choices of which one is right. @implements {Form} */
class Choices {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.list = /** @type {HTMLElement} */ (section.querySelector(".question-choices"));
    this.inputs = /** @type {HTMLInputElement[]} */ ([...this.list.querySelectorAll("input")]);
    this.inputs.sort((one, other) => Number(one.value) - Number(other.value));
    this.reasons = [...section.querySelectorAll("[data-reason] > .question-told > b")];
  }

  /** @param {Shown} shown @returns {Judged | {problem: string}} */
  check({ variant: { right } }) {
    const index = this.inputs.findIndex(({ checked }) => checked);
    if (index < 0) return { problem: "Choose one of them first." };
    const verdict = index === right ? "right" : "wrong";
    const choice = /** @type {HTMLElement} */ (this.inputs[index].parentElement);
    if (!choice.dataset.mark) {
      choice.dataset.mark = verdict;
      choice.append(draw(verdict), unseen(` (${verdict})`));
    }
    return { verdict, says: [], reason: index };
  }

  /** @param {Variant} variant */
  show({ order = [], right }) {
    for (const [index, input] of this.inputs.entries()) {
      const choice = /** @type {HTMLElement} */ (input.parentElement);
      input.checked = false;
      delete choice.dataset.mark;
      choice.querySelectorAll(":scope > svg, :scope > .hidden").forEach((item) => item.remove());
      setText(this.reasons[index], index === right ? "Right:" : "Wrong:");
    }
    this.list.append(...order.map((index) => /** @type {HTMLElement} */ (this.inputs[index].closest("li"))));
  }
}

/** Steps to be put in order. @implements {Form} */
class Steps {
  /**
   * @param {HTMLElement} section
   * @param {(text: string) => void} tell
   */
  constructor(section, tell) {
    this.list = /** @type {HTMLElement} */ (section.querySelector(".question-steps"));
    this.tell = tell;
    for (const step of this.#steps) {
      const words = /** @type {Element} */ (step.querySelector(".question-words"));
      const moves = document.createElement("span");
      moves.className = "question-moves";
      moves.append(this.#makeMove(step, words, "up"), this.#makeMove(step, words, "down"));
      step.append(moves);
    }
    this.#fit();
  }

  get #steps() {
    return /** @type {HTMLElement[]} */ ([...this.list.children]);
  }

  /**
   * @param {HTMLElement} step
   * @param {Element} words
   * @param {"up" | "down"} way
   */
  #makeMove(step, words, way) {
    const button = makeButton("");
    button.id = `${words.id}-${way}`;
    button.dataset.move = way;
    button.setAttribute("aria-labelledby", `${button.id} ${words.id}`);
    button.append(draw(way), unseen(way === "up" ? "Move up:" : "Move down:"));
    button.addEventListener("click", () => this.#move(step, words, way));
    return button;
  }

  /**
   * @param {HTMLElement} step
   * @param {Element} words
   * @param {"up" | "down"} way
   */
  #move(step, words, way) {
    // The neighbour is what moves: an element that is put elsewhere loses the focus.
    if (way === "up" && step.previousElementSibling) step.after(step.previousElementSibling);
    else if (way === "down" && step.nextElementSibling) step.before(step.nextElementSibling);
    else return;
    this.#fit();
    const steps = this.#steps;
    this.tell(`Now step ${steps.indexOf(step) + 1} of ${steps.length}: ${words.textContent}`);
  }

  /** Bring marks and buttons in line with the order. */
  #fit() {
    const steps = this.#steps;
    for (const [place, step] of steps.entries()) {
      step.removeAttribute("data-mark");
      step.querySelector('[data-move="up"]')?.setAttribute("aria-disabled", String(place === 0));
      step.querySelector('[data-move="down"]')?.setAttribute("aria-disabled", String(place === steps.length - 1));
    }
  }

  /** @returns {Judged} */
  check() {
    const steps = this.#steps;
    const place = firstWrong(steps.map(({ dataset }) => Number(dataset.step)));
    for (const [index, step] of steps.entries()) {
      step.dataset.mark = place < 0 || index < place ? "right" : index === place ? "wrong" : "";
    }
    if (place < 0) return { verdict: "right", says: ["Each step stands where it belongs."] };
    const before = place === 0 ? "" : place === 1 ? "The first step stands right. " : `The first ${place} steps stand right. `;
    return {
      verdict: "wrong",
      words: "Not in this order.",
      says: [`${before}Step ${place + 1} stands too early: “`, ...copyOf(steps[place]), "” Why it comes later:"],
      reason: Number(steps[place].dataset.step),
    };
  }

  /** @param {Variant} variant */
  show({ order = [] }) {
    const steps = new Map(this.#steps.map((step) => [Number(step.dataset.step), step]));
    this.list.append(...order.map((index) => /** @type {HTMLElement} */ (steps.get(index))));
    this.#fit();
  }
}

/** The words of a step. @param {Element} step */
function copyOf(step) {
  const words = /** @type {Element} */ (step.querySelector(".question-words"));
  return [...words.childNodes].map((node) => node.cloneNode(true));
}

/**
 * Return the first place that another step belongs to than the one that stands there, or −1. That step stands too early:
 * all that belong before it stand there already.
 * @param {number[]} order
 */
export function firstWrong(order) {
  return order.findIndex((step, place) => step !== place);
}

/** @param {string} text */
export function makeButton(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  return button;
}

/** Words that are heard and not seen. @param {string} text */
export function unseen(text) {
  const words = document.createElement("span");
  words.className = "hidden";
  words.textContent = text;
  return words;
}

/** @param {Mark} name */
export function draw(name) {
  const [mark, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  mark.setAttribute("class", "question-mark");
  mark.setAttribute("viewBox", "0 0 16 16");
  mark.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  mark.append(path);
  return mark;
}
