// @ts-check
/**
 * What Python is going to be asked, asked before: while a reader has a slider or a handle in hand, Python says what the figure will
 * show at the steps around. A movement to one of those is painted at once.
 */

/**
 * @typedef {import("./figure.js").Answer} Answer
 * @typedef {import("./controls.js").ControlEvent} ControlEvent
 * @typedef {ControlEvent & {value: number}} Movement
 */

/** So many steps on the way of the hand are asked for, and half as many behind it. */
const REACH = 24;
/** So many of them together: a movement elsewhere waits until they are answered. */
const TOGETHER = 4;
/** So many answers are kept: nearly all sliders have no more steps. An answer takes some 40 kB. */
const KEPT = 128;

/** Steps of 0.1 do not add up, and from above they end at −0. */
const rounded = (/** @type {number} */ value) => Number(value.toFixed(10)) + 0;

export class Foresight {
  /** Whose control was in hand last: the others need to know nothing. @type {Foresight | null} */
  static #last = null;

  /** The answer from whose state the control is moved, however often. @type {Answer | null} */
  #base = null;
  /** What was shown last of that. @type {Answer | null} */
  #shown = null;
  #name = "";
  #frame = "";
  /** Where the control is, and which way it went. */
  #value = 0;
  #way = 1;
  /** What is known, by the control's value, with what was used last at the end. @type {Map<number, Answer>} */
  #known = new Map();
  #isAsking = false;

  /** @param {import("./figure.js").Figure} figure */
  constructor(figure) {
    this.figure = figure;
  }

  /**
   * Return the state that events are replayed from. Where one control is moved again and again it is the state before the first of
   * these movements: what is shown does not depend on the way there.
   * @param {ControlEvent[]} events
   */
  stateFor(events) {
    const [event, ...others] = events;
    if (others.length || !isMovement(event)) return this.figure.shown?.state;
    this.#hold(event.name);
    return this.#base?.state;
  }

  /**
   * Return what a figure shows once a control has been moved, if that is known and nothing else has to be answered.
   * @param {ControlEvent} event
   * @returns {Answer | undefined}
   */
  answer(event) {
    const { figure } = this;
    if (!isMovement(event) || !figure.shown || figure.opening || figure.isLoading || figure.runtime.snapshot.phase !== "ready") return undefined;
    if ([...figure.waiting.keys(), ...figure.asked.keys()].some((name) => name !== event.name)) return undefined;
    this.#hold(event.name);
    const value = rounded(event.value);
    this.#way = Math.sign(value - this.#value) || this.#way;
    this.#value = value;
    return this.#known.get(value);
  }

  /**
   * Take note of what a movement led to.
   * @param {ControlEvent[]} events
   * @param {Answer} answer
   */
  learn(events, answer) {
    const [event, ...others] = events;
    if (others.length || !isMovement(event) || event.name !== this.#name) return;
    this.#shown = answer;
    this.#keep(rounded(event.value), answer);
  }

  /**
   * A reader takes hold of a control.
   * @param {string} name
   * @param {number} value
   */
  expect(name, value) {
    const { figure } = this;
    if (!figure.shown || figure.begin || figure.waiting.size || figure.asked.size) return;
    this.#hold(name);
    this.#value = rounded(value);
    void this.look();
  }

  /**
   * Know what is moved, and forget what is known of anything else.
   * @param {string} name
   */
  #hold(name) {
    const { shown, picture: { frame } } = this.figure;
    const last = Foresight.#last;
    if (last === this && name === this.#name && shown === this.#shown && frame === this.#frame) return;
    if (last) last.#known.clear();
    Foresight.#last = this;
    this.#known.clear();
    this.#base = this.#shown = shown;
    this.#name = name;
    this.#frame = frame;
  }

  /** @param {number} value @param {Answer} answer */
  #keep(value, answer) {
    this.#known.delete(value);
    this.#known.set(value, answer);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT) this.#known.delete(oldest);
  }

  /** Ask about the steps around, some at a time, as long as nobody asks anything else. */
  async look() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (await this.#ask());
    } finally {
      this.#isAsking = false;
    }
  }

  /** @returns {Promise<boolean>} whether there may be more to ask */
  async #ask() {
    const { figure } = this;
    const base = this.#base;
    const isFree = figure.runtime.snapshot.phase === "ready" && !figure.busy && !figure.waiting.size && !figure.opening;
    if (!isFree || !base || figure.shown !== this.#shown || Foresight.#last !== this) return false;
    const [name, frame, values] = [this.#name, this.#frame, this.#next()];
    if (!values.length) return false;
    const events = values.map((value) => ({ type: "set", name, value }));
    const question = { op: "each", widget: figure.name, frame, state: base.state, events };
    const outcome = await figure.runtime.request(`${figure.element.id} ahead`, question, false);
    // What goes wrong here goes wrong again where somebody waits for it, and is told there.
    if (outcome.status !== "ok" || !outcome.value.answers) return false;
    if (base !== this.#base || name !== this.#name || frame !== this.#frame) return true;
    /** @type {Answer[]} */
    const answers = outcome.value.answers;
    answers.forEach((answer, place) => this.#keep(values[place], answer));
    return !answers.some(({ errors }) => errors?.length);
  }

  /** The nearest steps that are not known, on the way of the hand rather than behind it. */
  #next() {
    const input = /** @type {HTMLInputElement | null} */ (this.figure.element.querySelector(`input[type="range"][name="${this.#name}"]`));
    const [low, high, step] = input ? [input.min, input.max, input.step].map(Number) : [];
    /** @type {number[]} */
    const values = [];
    for (let count = 1; step > 0 && count <= REACH; count += 1) {
      const steps = count % 2 ? [count] : [count, -count / 2];
      for (const distance of steps) {
        const value = rounded(this.#value + this.#way * distance * step);
        if (value >= low && value <= high && !this.#known.has(value)) values.push(value);
        if (values.length === TOGETHER) return values;
      }
    }
    return values;
  }
}

/** @param {ControlEvent | undefined} event @returns {event is Movement} */
function isMovement(event) {
  return event?.type === "set" && typeof event.value === "number";
}
