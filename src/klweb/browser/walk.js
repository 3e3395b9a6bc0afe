// @ts-check
// A simulation that a reader can watch: the number of its draws rises step by step to where a button put it, and can be
// held on the way.

/** @typedef {import("./controls.js").ControlEvent} ControlEvent */

/** How long a walk takes: a moment, and more for more draws. */
const duration = (/** @type {number} */ draws) => Math.min(400 + 8 * draws, 3000);

export class Walk {
  /** @type {{from: number, to: number, elapsed: number, last: number} | null} */
  #path = null;
  /** @type {ControlEvent | undefined} */
  #event;
  #frame = 0;

  /**
   * @param {HTMLElement} figure
   * @param {(event: ControlEvent) => void} send
   */
  constructor(figure, send) {
    /** The number that counts draws; empty where there is nothing to watch. */
    this.name = figure.dataset.walk ?? "";
    this.send = send;
    this.button = /** @type {HTMLButtonElement | null} */ (figure.querySelector('[data-action="pause"]'));
    this.button?.addEventListener("click", () => this.#toggle());
  }

  /** Whether an event is a step of the walk, rather than something that the reader did. @param {ControlEvent} event */
  isMine(event) {
    return event === this.#event;
  }

  /**
   * Begin to walk.
   * @param {number} from
   * @param {number} to
   * @returns {boolean} that it has begun
   */
  start(from, to) {
    this.#path = { from, to, elapsed: 0, last: performance.now() };
    this.#say(false);
    this.#tick();
    return true;
  }

  /** Stay where it is: something else was done. */
  stop() {
    this.#path = null;
    cancelAnimationFrame(this.#frame);
    if (this.button) this.button.hidden = true;
  }

  #tick() {
    const walk = this.#path;
    if (!walk || this.#isHeld) return;
    const now = performance.now();
    walk.elapsed += now - walk.last;
    walk.last = now;
    const share = Math.min(walk.elapsed / duration(walk.to - walk.from), 1);
    const value = Math.round(walk.from + (walk.to - walk.from) * share);
    if (share === 1) this.stop();
    if (value !== this.#event?.value || share === 1) {
      this.#event = { type: "set", name: this.name, value };
      this.send(this.#event);
    }
    if (share < 1) this.#frame = requestAnimationFrame(() => this.#tick());
  }

  get #isHeld() {
    return this.button?.getAttribute("aria-pressed") === "true";
  }

  #toggle() {
    const walk = this.#path;
    if (!walk) return;
    this.#say(!this.#isHeld);
    walk.last = performance.now();
    cancelAnimationFrame(this.#frame);
    this.#tick();
  }

  /** @param {boolean} isHeld */
  #say(isHeld) {
    if (!this.button) return;
    this.button.hidden = false;
    this.button.setAttribute("aria-pressed", String(isHeld));
  }
}
