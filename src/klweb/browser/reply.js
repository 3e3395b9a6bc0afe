// @ts-check
// What comes of pressing a button, said where it was pressed, with a way on or back. One at a time on a page, and nothing
// waits for an answer to it.

import { make, makeButton, makeLink } from "./elements.js";

/** @typedef {{words: string, act: () => void} | {words: string, url: string}} Way */

export class Reply {
  /** Where it stands. */
  #box = make("div", "reply");
  /** Heard, wherever the box is: a region that moves about would not be. */
  #heard = make("p", "hidden");

  constructor() {
    this.#heard.setAttribute("role", "status");
    document.querySelector("main")?.append(this.#heard);
  }

  /** @param {Node} element */
  isIn(element) {
    return element.contains(this.#box);
  }

  /**
   * @param {Element} place its `[data-reply]`, or else its end, is where it is said
   * @param {string} words
   * @param {Way[]} [ways]
   * @param {HTMLElement} [origin] where the keyboard goes once a way is taken
   */
  say(place, words, ways = [], origin) {
    const text = make("p", "", words);
    const onwards = ways.map((way) => ("url" in way ? makeLink(way.words, way.url) : makeButton(way.words, () => {
      this.clear();
      way.act();
      if (origin?.isConnected) origin.focus({ preventScroll: true });
    }, words)));
    this.#box.replaceChildren(text, ...(ways.length ? [make("div", "toggles", ...onwards)] : []));
    (place.querySelector("[data-reply]") ?? place).append(this.#box);
    this.#heard.textContent = words;
  }

  clear() {
    this.#box.remove();
    this.#heard.textContent = "";
  }
}
