// @ts-check
// The map's figure on a page where readers mark topics: it follows the marks, shows what it is asked to, and what it has
// in its middle can be marked.

import { sparing } from "./connection.js";
import { find, make, makeLink } from "./elements.js";
import { setLetters } from "./letters.js";
import { duration, levelName } from "./words.js";

/** @typedef {import("./figure.js").Figure} Figure */

/** The widget that draws the map. */
export const WIDGET = "topic-map";

export class Mapping {
  /** What the figure was told last; it begins with nothing. */
  #told = { known: "", goals: "" };
  #isNear = false;
  #isTouched = false;
  #middle = "";

  /**
   * @param {HTMLElement} element
   * @param {Figure} figure
   * @param {import("./marking.js").Marking} marking
   */
  constructor(element, figure, marking) {
    this.element = element;
    this.figure = figure;
    this.marking = marking;
    this.learner = marking.learner;
    for (const sign of ["pointerdown", "focusin"]) {
      element.addEventListener(sign, () => {
        this.#isTouched = true;
        this.#tell();
      }, { passive: true });
    }
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.#isNear = isIntersecting;
      this.#tell();
    }, { rootMargin: "300px" }).observe(element);
    this.learner.subscribe(() => this.#tell());
  }

  /**
   * Put a topic in the middle, and bring the reader there.
   * @param {string} id
   */
  show(id) {
    this.#isTouched = this.#isNear = true;
    this.#tell();
    this.figure.control({ type: "set", name: "topic", value: id });
    this.element.scrollIntoView();
    this.element.setAttribute("tabindex", "-1");
    this.element.focus({ preventScroll: true });
  }

  /** Say in a section which topic is in the middle, with its buttons. @param {HTMLElement} section */
  async tellAbout(section) {
    this.element.addEventListener("klweb:state", (event) => {
      this.#showMiddle(section, /** @type {CustomEvent} */ (event).detail.state.topic);
    });
    await this.figure.prepare();
    this.#showMiddle(section, this.figure.shown?.state.topic);
  }

  /**
   * Tell the figure what is marked, once it is about to be seen. That starts Python, which readers who pay for it, in
   * money or patience, get when they touch the figure.
   */
  #tell() {
    if (!this.#isNear || !(this.#isTouched || !sparing() || this.figure.runtime.snapshot.phase === "ready")) return;
    const { state } = this.learner;
    for (const name of /** @type {const} */ (["known", "goals"])) {
      const text = state[name].join();
      if (text === this.#told[name]) continue;
      this.#told[name] = text;
      this.figure.control({ type: "set", name, value: state[name] });
    }
  }

  /**
   * @param {HTMLElement} section
   * @param {string | undefined} id
   */
  #showMiddle(section, id) {
    if (!id || id === this.#middle) return;
    this.#middle = id;
    const { marking } = this;
    const { title, summary, level, minutes, url } = this.learner.topic(id);
    const link = makeLink("", url);
    setLetters(link, title);
    const words = make("p", "row-summary");
    setLetters(words, summary);
    const facts = make("span", "topic-fact", `${levelName(level)}, ${duration(minutes)}`);
    section.replaceChildren(
      make("p", "map-topic-title", link, " ", facts), words,
      make("div", "toggles", marking.makeButton("know", id), marking.makeButton("goal", id)),
    );
    section.dataset.topic = id;
    section.hidden = false;
    marking.show(section);
  }
}

/**
 * Return the map on a page, if there is one.
 * @param {(element: Element) => Figure | undefined} getFigure
 * @param {import("./marking.js").Marking} marking
 */
export function findMap(getFigure, marking) {
  const element = find(document, `figure.widget[data-widget="${WIDGET}"]`);
  const figure = element && getFigure(element);
  return figure ? new Mapping(element, figure, marking) : undefined;
}
