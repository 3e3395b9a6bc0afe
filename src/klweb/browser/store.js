// @ts-check
// Where a reader's marks are kept between visits. It may refuse, be full, or hold what another release wrote.

import { MarksError, read, toText } from "./marks.js";

/** @typedef {import("./marks.js").Marks} Marks */
/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Shelf */

export const KEY = "klweb.learner";
/** Where a stored text goes that could not be read, rather than being written over. */
export const UNREADABLE = "klweb.learner.unreadable";

export class Store {
  /** Why nothing is kept: the storage refuses, or holds what a newer release wrote. @type {"" | "refused" | "newer"} */
  fault = "";
  /** What is stored, as far as this page knows. @type {string | null} */
  #text = null;

  /**
   * @param {() => Shelf} shelf may throw
   * @param {(name: string) => boolean} isTopic
   */
  constructor(shelf, isTopic) {
    this.shelf = shelf;
    this.isTopic = isTopic;
  }

  /**
   * Return what is stored, if it is something else than what was read or written here last. A storage that somebody
   * emptied says nothing: what the page shows stays until the reader forgets it.
   * @returns {Marks | undefined}
   */
  read() {
    let text;
    try {
      text = this.shelf().getItem(KEY);
    } catch {
      this.fault ||= "refused";
      return undefined;
    }
    if (text === null || text === this.#text) return undefined;
    this.#text = text;
    return this.#parse(text);
  }

  /** @param {Marks} marks */
  write(marks) {
    // This page would lose what only the newer release can read.
    if (this.fault === "newer") return;
    const text = toText(marks, this.isTopic);
    try {
      this.shelf().setItem(KEY, text);
      this.#text = text;
      this.fault = "";
    } catch {
      // No storage at all, or no room in it. The next change tries again.
      this.fault = "refused";
    }
  }

  /** Forget what could not be read, too. */
  clear() {
    try {
      this.shelf().removeItem(UNREADABLE);
    } catch {
      // There is none, then.
    }
  }

  /**
   * Read a text as well as it goes. Where some of it cannot be read, it is put aside as it was: a later release may know
   * what to do with it.
   * @param {string} text
   */
  #parse(text) {
    let isWhole = true;
    let marks;
    try {
      marks = read(text, () => { isWhole = false; });
    } catch (error) {
      isWhole = false;
      if (error instanceof MarksError && error.isNewer) {
        this.fault = "newer";
        return undefined;
      }
    }
    if (!isWhole) this.#putAside(text);
    return marks;
  }

  /** @param {string} text */
  #putAside(text) {
    console.warn("klweb: some of what this browser keeps could not be read");
    try {
      this.shelf().setItem(UNREADABLE, text);
    } catch {
      // There is no room for it.
    }
  }
}
