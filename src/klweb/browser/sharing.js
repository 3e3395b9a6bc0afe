// @ts-check
/**
 * One pair (p, q) for several figures of a page: change it in one, and the others follow.
 *
 * A figure can be taken out and put back. The pair stands in the address as `pair`, the figures taken out as `apart`.
 */

import { pairOf } from "./figure.js";
import { setAttribute, setText } from "./letters.js";

/**
 * @typedef {import("./figure.js").Figure} Figure
 * @typedef {import("./figure.js").Pair} Pair
 * @typedef {(texts: Record<string, string>, step: boolean) => void} Put writes entries into the address
 */

/** The entries of the address. */
export const ENTRIES = ["pair", "apart"];

/** @param {number} value with twelve digits, if they are all of it: a last bit may decide which of two codes is built */
const digits = (value) => (Math.abs(Number(value.toPrecision(12)) - value) < 1e-16 ? Number(value.toPrecision(12)) : value);

/** @param {Pair} pair */
const write = ({ p, q }) => `p:${p.map(digits)};q:${q.map(digits)}`;

/** How many symbols a pair may have that all can follow. */
const MOST = 12;

/**
 * Read a pair from an address; whether it is one is for Python to say.
 * @param {string} text
 * @returns {Pair | undefined}
 */
export function readPair(text) {
  const found = Object.fromEntries(text.split(";").map((item) => {
    const [name, list = ""] = item.split(":");
    return [name, list.split(",").map(Number)];
  }));
  return found.p && found.q ? { p: found.p, q: found.q } : undefined;
}

/**
 * @param {Pair | undefined} one
 * @param {Pair | undefined} other
 */
function isSame(one, other) {
  if (!one || !other) return one === other;
  return [[one.p, other.p], [one.q, other.q]].every(([a, b]) =>
    a.length === b.length && a.every((value, index) => Math.abs(value - b[index]) < 1e-9));
}

/** What a state holds besides the pair, and what says where the pair comes from. @param {Record<string, any>} state */
const own = (state) => JSON.stringify({ ...state, p: 0, q: 0, edit: 0, source: 0 });

export class Sharing {
  /** @type {Map<Figure, {line: HTMLElement, words: HTMLElement, button: HTMLButtonElement}>} */
  #members = new Map();
  /** @type {Set<Figure>} those that have been taken out */
  #apart = new Set();
  /** @type {Set<Figure>} those that are to follow once they are seen */
  #late = new Set();
  /** @type {Set<Figure>} those that go back to their first preset, so as to follow */
  #restoring = new Set();
  /** @type {Set<Element>} */
  #seen = new Set();
  /** @type {Pair | undefined} */
  #pair;

  /**
   * @param {Figure[]} figures those that have a pair
   * @param {Pair} pair what they begin with
   * @param {Put} put
   */
  constructor(figures, pair, put) {
    this.initial = pair;
    this.#pair = pair;
    this.put = put;
    const watch = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
      if (isIntersecting) this.#seen.add(target);
      else this.#seen.delete(target);
      for (const figure of this.#late) if (figure.element === target && isIntersecting) this.#bring(figure);
    }), { rootMargin: "200px" });
    for (const figure of figures) {
      this.#members.set(figure, this.#makeLine(figure));
      watch.observe(figure.element);
      figure.element.addEventListener("klweb:state", (event) => this.#heard(figure, /** @type {CustomEvent} */ (event).detail));
    }
    this.#say();
  }

  /** @param {Figure} figure */
  has(figure) {
    return this.#members.has(figure);
  }

  /**
   * Return what the address has to say of a figure: of one that only follows, nothing.
   * @param {Figure} figure
   * @param {string} link
   */
  linkOf(figure, link) {
    if (link === figure.firstPreset) return "";
    if (this.#apart.has(figure) || !figure.first || !figure.shown) return link;
    return own(figure.shown.state) === own(figure.first.state) ? "" : link;
  }

  /**
   * Return what the address has to say of a figure and of the pair, which it may have changed: one step of a reader's.
   * @param {Figure} figure
   * @param {string} link
   */
  entriesOf(figure, link) {
    const pair = isSame(this.#pair, this.initial) ? "" : write(/** @type {Pair} */ (this.#pair));
    return { pair, [figure.name]: this.linkOf(figure, link) };
  }

  /**
   * Bring pair and figures in line with the address.
   * @param {Map<string, string>} states
   */
  follow(states) {
    const apart = new Set((states.get("apart") ?? "").split(","));
    for (const figure of this.#members.keys()) {
      if (apart.has(figure.name)) this.#apart.add(figure);
      else this.#apart.delete(figure);
    }
    this.#pair = readPair(states.get("pair") ?? "") ?? this.initial;
    for (const figure of this.#linked()) {
      if (states.has(figure.name)) continue;
      void this.#restore(figure);
    }
    this.#say();
  }

  /**
   * Let a figure show the pair and nothing of its own.
   * @param {Figure} figure
   */
  async #restore(figure) {
    if (figure.shown && this.linkOf(figure, figure.shown.link)) {
      this.#restoring.add(figure);
      await figure.preset(figure.firstPreset, false);
      this.#restoring.delete(figure);
    }
    if (!isSame(figure.pair ?? this.initial, this.#pair)) this.#lead(figure);
  }

  /**
   * @param {Figure} figure
   * @param {import("./figure.js").Answer} answer
   */
  #heard(figure, answer) {
    const pair = pairOf(answer);
    const isFollowing = this.#restoring.has(figure) || figure.waiting.has("pair") || figure.asked.has("pair");
    if (this.#apart.has(figure) || isFollowing || !pair || pair.p.length > MOST || isSame(pair, this.#pair)) return;
    this.#late.delete(figure); // whoever takes hold of a figure leads
    this.#pair = pair;
    for (const other of this.#linked()) if (other !== figure) this.#lead(other);
    this.#say();
  }

  * #linked() {
    for (const figure of this.#members.keys()) if (!this.#apart.has(figure)) yield figure;
  }

  /**
   * Let a figure follow: at once if it can be seen.
   * @param {Figure} figure
   */
  #lead(figure) {
    this.#late.add(figure);
    if (this.#seen.has(figure.element)) this.#bring(figure);
  }

  /** @param {Figure} figure */
  #bring(figure) {
    this.#late.delete(figure);
    figure.control({ type: "share", name: "pair", value: this.#pair });
    figure.element.classList.remove("followed");
    requestAnimationFrame(() => figure.element.classList.add("followed"));
  }

  /** @param {Figure} figure */
  #makeLine(figure) {
    const line = document.createElement("p");
    line.className = "shared";
    const words = document.createElement("span");
    const button = document.createElement("button");
    button.type = "button";
    line.append(words, " ", button);
    button.addEventListener("click", () => this.#toggle(figure));
    figure.element.querySelector(".readouts")?.before(line);
    return { line, words, button };
  }

  /** @param {Figure} figure */
  #toggle(figure) {
    if (this.#apart.delete(figure)) {
      if (!isSame(figure.pair ?? this.initial, this.#pair)) this.#lead(figure);
    } else {
      this.#apart.add(figure);
      this.#late.delete(figure);
    }
    const entries = figure.shown ? { [figure.name]: this.linkOf(figure, figure.shown.link) } : {};
    this.put({ apart: [...this.#apart].map(({ name }) => name).join(), ...entries }, true);
    this.#say();
  }

  #say() {
    const others = [...this.#linked()].length - 1;
    for (const [figure, { line, words, button }] of this.#members) {
      const isApart = this.#apart.has(figure);
      line.classList.toggle("apart", isApart);
      setText(words, isApart ? "This lens has a pair of its own."
        : others ? `Linked: ${others === 1 ? "one other lens follows" : `${others} other lenses follow`}.` : "No other lens is linked.");
      setText(button, isApart ? "Link" : "Unlink");
      setAttribute(button, "aria-label", isApart ? "Link this lens to the shared pair" : "Unlink this lens from the shared pair");
    }
  }
}
