// @ts-check
// One widget on the page: it keeps the state, asks Python for what follows from it, and shows the answer.

import * as address from "./address.js";
import { painted, whenIdle } from "./connection.js";
import { Controls } from "./controls.js";
import { Foresight } from "./foresight.js";
import { Handles } from "./handles.js";
import { setLetters } from "./letters.js";
import { Notice } from "./notice.js";
import { Picture } from "./picture.js";
import { pageOf } from "./place.js";
import { Presets } from "./presets.js";
import { name, report, tabulate } from "./report.js";
import { Stops } from "./stops.js";
import { Walk } from "./walk.js";

/**
 * @typedef {import("./report.js").View} View
 * @typedef {{field: string, message: string}} Refusal
 * @typedef {{p: number[], q: number[]}} Pair
 * @typedef {{ok: boolean, state: Record<string, any>, link: string, view: View, pair?: Pair, errors?: Refusal[], error?: Refusal}} Answer
 * @typedef {import("./controls.js").ControlEvent} ControlEvent
 * @typedef {"static" | "starting" | "live" | "failed"} Status
 */

/** How long a picture takes from the last stop to where the reader's hand is, once Python is up. */
const GLIDE_MS = 200;
/** How long what follows a picture may have to wait for other work. */
const SOON_MS = 50;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Figure {
  /**
   * @param {HTMLElement} element
   * @param {import("./runtime.js").Python} runtime
   * @param {import("./presets.js").Data} data
   * @param {import("./presets.js").Get} [get] how to come by them, where they are not fetched
   */
  constructor(element, runtime, data, get) {
    this.element = element;
    this.runtime = runtime;
    this.name = element.dataset.widget ?? "";
    this.picture = new Picture(element, () => this.#relayout());
    this.presetButtons = /** @type {HTMLButtonElement[]} */ ([...element.querySelectorAll("button[data-preset]")]);
    this.firstPreset = this.presetButtons[0].dataset.preset ?? "";
    this.presets = new Presets(data, this.firstPreset, get);
    /** What the first preset shows, once it is known. @type {Answer | undefined} */
    this.first = undefined;
    /** @type {Answer | null} what is shown, or the preset whose stops are, once it is more than the picture that came with
     * the page; events are replayed from its state */
    this.shown = null;
    /** @type {Answer | null} what is seen: what is shown, or the stop beside it */
    this.seen = null;
    /** Whether what nobody sees at once still has to follow. */
    this.isBehind = false;
    this.stops = new Stops(this);
    this.foresight = new Foresight(this);
    /** Until when the picture still makes up for the distance from a stop. */
    this.glideEnd = 0;
    /** @type {HTMLButtonElement | undefined} the button of a link that is to be copied once it is known */
    this.copying = undefined;
    /** @type {Map<string, ControlEvent>} what readers did and Python has not answered; the newest of each control */
    this.waiting = new Map();
    /** @type {Map<string, ControlEvent>} what Python is working on */
    this.asked = new Map();
    /** @type {Record<string, any> | null} the request that shows a linked state, until it is answered */
    this.opening = null;
    /** @type {Pair | undefined} the page's pair, where the picture that came with the page shows it rather than a preset */
    this.begin = undefined;
    this.step = false;
    this.presses = 0;
    /** How often another state was opened: what was asked of an earlier one no longer counts. */
    this.turn = 0;
    /** @type {Promise<void> | undefined} the preset that is on its way */
    this.loading = undefined;
    this.isLoading = false;
    this.notice = new Notice(element, {
      retry: () => this.retry(),
      reset: () => this.reset(),
      cancel: () => this.runtime.stop(),
    });
    this.walk = new Walk(element, (event) => this.control(event));
    /** @type {Pick<Set<string>, "has">} controls that are locked, with all their entries and handles */
    this.locked = new Set();
    const isLocked = (/** @type {string} */ name) => this.locked.has(name) || this.locked.has(name.split(".")[0]);
    this.controls = new Controls(element, (event) => this.control(event), isLocked);
    this.handles = new Handles(this.picture.stage, (name, value) => this.control({ type: "set", name, value }), isLocked);
    this.#listen();
    this.controls.enable();
  }

  get status() {
    return /** @type {Status} */ (this.element.dataset.status);
  }

  set status(status) {
    if (this.status !== status) this.element.dataset.status = status;
  }

  /** @param {string} name */
  hasPreset(name) {
    return this.presetButtons.some((button) => button.dataset.preset === name);
  }

  /** The pair (p, q) that it shows, if it has one. */
  get pair() {
    return this.begin ?? (this.shown ? pairOf(this.shown) : undefined);
  }

  /** The link text of what is seen: "" for the pair of the page, and for a stop, whose link only Python can say. */
  get link() {
    if (!this.picture.isLive) return "adopted" in this.element.dataset ? "" : this.firstPreset;
    return this.stops.stop?.link ?? this.shown?.link ?? "";
  }

  #listen() {
    for (const button of this.presetButtons) {
      const name = button.dataset.preset ?? "";
      button.addEventListener("click", () => this.preset(name, true));
      button.addEventListener("pointerdown", () => void this.#expect(name));
    }
    for (const type of ["pointerdown", "focusin"]) this.element.addEventListener(type, ({ target }) => void this.#held(target), true);
    this.element.querySelector('[data-action="reset"]')?.addEventListener("click", () => this.reset());
    this.element.querySelector('[data-action="link"]')?.addEventListener("click", (event) =>
      this.#copyLink(/** @type {HTMLButtonElement} */ (event.currentTarget)));
    this.runtime.subscribe((snapshot) => this.#runtimeChanged(snapshot));
  }

  /**
   * Make ready what a movement will ask for when a reader takes hold of something that moves.
   * @param {EventTarget | null} target
   */
  async #held(target) {
    if (!this.shown || this.begin || !(target instanceof HTMLInputElement) || target.type !== "range") return;
    this.foresight.expect(target.name, Number(target.value));
    const isFirst = !this.picture.isLive;
    // The canvas takes its place, and the movement finds it there.
    if (isFirst) this.picture.show(this.shown.view.scene, false);
    await painted();
    // Browsers paint on one of two canvases while they show the other; the other is made when it is needed first.
    if (isFirst) this.picture.repaint();
    this.stops.expect(target.name);
  }

  /**
   * Make ready what a finger on a preset's button is about to ask for.
   * @param {string} name
   */
  async #expect(name) {
    const { picture, presets } = this;
    try {
      const answers = await presets.answers(picture.frame);
      if (Object.hasOwn(answers, name)) picture.expect(answers[name].view.scene);
      await painted();
      this.stops.fetch(name);
    } catch {
      // The click tries again, and says what is wrong.
    }
  }

  /** Fetch the presets of the frame in use and what is around the first, and put the handles on the picture. */
  async prepare() {
    if (this.shown === null) this.stops.fetch();
    try {
      const answers = await this.presets.answers(this.picture.frame);
      this.first = answers[this.firstPreset];
      if (!this.shown) {
        this.shown = this.first;
        if (this.begin) return;
        this.handles.show(this.shown.view.scene);
        this.controls.show(this.shown.state, new Set());
        void this.stops.surround();
        whenIdle(() => this.rehearse());
      }
    } catch (error) {
      console.warn(`klweb: ${error}`);
    }
  }

  /** Go through what the first change does, once, with what the page shows already, so that the code for it is there. */
  rehearse() {
    const { first, shown, picture } = this;
    if (!first || first !== shown || picture.isRehearsed || this.begin || this.stops.stop) return;
    picture.rehearse(first.view.scene);
    report(this.element, first.view);
    name(this.element, first.link);
    tabulate(this.element, first.view.table);
    // What is the same is not written, so that the pattern of letters is not yet made out.
    setLetters(document.createElement("p"), first.view.summary);
  }

  /**
   * Show a preset, without Python.
   * @param {string} name
   * @param {boolean} step whether a reader chose it, so that *back* should take it back
   */
  preset(name, step) {
    this.walk.stop();
    this.begin = undefined;
    this.waiting.clear();
    this.asked = new Map();
    this.opening = null;
    this.copying = undefined;
    this.stops.forget();
    this.turn += 1;
    this.isLoading = true;
    this.notice.settled();
    this.loading = this.#load(name, step, this.turn);
    return this.loading;
  }

  /**
   * @param {string} name
   * @param {boolean} step
   * @param {number} turn
   */
  async #load(name, step, turn) {
    try {
      const answers = await this.presets.answers(this.picture.frame);
      if (turn !== this.turn) return;
      if (!Object.hasOwn(answers, name)) {
        this.notice.say(`There is no example “${name.slice(0, 60)}” here (any more): this is the first one instead.`);
        return void this.preset(this.firstPreset, false);
      }
      this.isLoading = false;
      if (step) this.notice.clear();
      this.show(answers[name], true);
      if (this.status === "failed" && this.runtime.snapshot.phase === "ready") this.status = "live";
      this.#remember(step);
      void painted().then(() => this.stops.surround());
    } catch (error) {
      if (turn !== this.turn) return;
      this.isLoading = false;
      this.notice.fail(`The examples could not be loaded: ${reason(error)}`, "retry");
      this.afterRetry = () => this.preset(name, step);
    }
  }

  /** Back to the first preset. */
  reset() {
    this.notice.clear();
    return this.preset(this.firstPreset, true);
  }

  /**
   * Take what a reader did to a control.
   * @param {ControlEvent} event
   */
  control(event) {
    if (!this.walk.isMine(event)) this.walk.stop();
    const key = event.type === "press" ? `press ${(this.presses += 1)}` : event.name;
    if (this.begin && event.type !== "share") this.waiting.set("pair", { type: "share", name: "pair", value: this.begin });
    this.begin = undefined;
    this.waiting.delete(key);
    this.waiting.set(key, event);
    this.step ||= event.type === "press";
    const { phase, message } = this.runtime.snapshot;
    const isShown = this.stops.show();
    if (phase === "absent") return void (isShown || this.#alone(key, event));
    if (isShown && phase === "failed") {
      // The stops need no Python: what failed, and the way on, stay as they are.
      if (!this.notice.isFailure) this.#failed(message);
      return;
    }
    this.notice.clear(event.name);
    const shown = this.element.querySelector(`[data-shown="${event.name}"]`);
    if (shown && typeof event.value === "number" && !this.stops.isCoarse) shown.textContent = String(event.value).replace("-", "−");
    // Python, which takes longer anyway, is asked once the stop is painted.
    if (isShown) return void painted(SOON_MS).then(() => this.#ask());
    const known = this.foresight.answer(event);
    if (known) return this.#foreseen(known);
    if (phase === "starting") this.#sayProgress();
    void this.#ask();
  }

  /**
   * Show what a movement leads to, which Python said before; an answer to an earlier one, on its way still, no longer counts.
   * @param {Answer} answer
   */
  #foreseen(answer) {
    this.turn += 1;
    this.asked = this.waiting;
    this.waiting = new Map();
    this.#answered(answer, null, this.turn);
    void this.foresight.look();
  }

  /**
   * Show a change by itself: two together only Python could show, and there is none.
   * @param {string} key
   * @param {ControlEvent} event
   */
  #alone(key, event) {
    this.waiting = new Map([[key, event]]);
    if (this.stops.show()) this.notice.say("Without Python there is one change at a time: all else is as in the example again.");
  }

  /**
   * Show the state that a link's text describes.
   * @param {string} text
   */
  open(text) {
    if (!text.includes(":")) return this.preset(text, false);
    this.begin = undefined;
    this.waiting.clear();
    this.asked = new Map();
    this.stops.forget();
    this.turn += 1;
    this.opening = { op: "decode", text };
    return this.#ask();
  }

  /** Send Python what waits, one request at a time; what comes meanwhile is sent together afterwards. */
  async #ask() {
    if (this.busy) return;
    if (!this.opening && !this.waiting.size) return;
    this.busy = true;
    if (this.runtime.snapshot.phase === "starting") this.#sayProgress();
    try {
      await this.loading;
      if (!this.opening && !this.shown) await this.prepare();
      if (!this.opening && !this.shown) throw new Error("The figure’s data could not be loaded. Check the connection, then try again.");
      // Until somebody can answer, newer values of the same controls take the place of older ones.
      if (!await this.runtime.start() && this.runtime.snapshot.phase === "idle") throw new Error("Python was stopped. Try again to start it.");
      if (!this.opening && !this.waiting.size) return;
      const { turn, opening } = this;
      if (!opening) {
        this.asked = this.waiting;
        this.waiting = new Map();
      }
      const events = [...this.asked.values()];
      const question = opening ?? { op: "events", state: this.foresight.stateFor(events), events };
      const outcome = await this.runtime.request(this.element.id, { ...question, widget: this.name, frame: this.picture.frame });
      if (outcome.status === "ok") this.#answered(outcome.value, opening, turn);
      else if (outcome.status === "error" && outcome.error.kind === "internal") this.#broke(outcome.error.message);
      else if (outcome.status === "error") this.#failed(outcome.error.message);
    } catch (error) {
      this.#failed(reason(error));
    } finally {
      this.busy = false;
    }
    if (this.status === "failed") return;
    void this.foresight.look();
    await this.#ask();
  }

  /**
   * @param {Answer} answer
   * @param {Record<string, any> | null} opening
   * @param {number} turn
   */
  #answered(answer, opening, turn) {
    this.status = "live";
    if (turn !== this.turn) return;
    const asked = this.asked;
    this.asked = new Map();
    if (this.opening === opening) this.opening = null;
    if (!answer.ok) {
      const message = `This link’s state can’t be shown: ${answer.error?.message}. This is the first example instead.`;
      this.notice.say(message);
      void this.preset(this.firstPreset, false);
      return;
    }
    const refused = new Set((answer.errors ?? []).map((error) => error.field));
    for (const error of answer.errors ?? []) this.notice.refuse(error.message, this.controls.field(fieldOf(error, asked)));
    if (!opening && [...asked.values()].some(({ type }) => type === "press") && this.#walked(answer)) return;
    if (!refused.size || asked.size > refused.size || opening) {
      if (this.stops.stop) this.glideEnd = performance.now() + GLIDE_MS;
      this.show(answer, Boolean(opening) || this.step || performance.now() < this.glideEnd);
      this.#remember(this.step);
      this.foresight.learn([...asked.values()], answer);
    }
    this.step = false;
    if (this.copying && !this.waiting.size) void this.#copyLink(this.copying);
  }

  /**
   * Let a reader watch draws being made that a button asked for, rather than find them done.
   * @param {Answer} answer
   */
  #walked(answer) {
    const { walk, shown, stops } = this;
    if (!walk.name || !shown || stops.stop || calm.matches) return false;
    const [from, to] = [shown.state[walk.name], answer.state[walk.name]];
    return to > from + 1 && walk.start(from, to);
  }

  /**
   * A fault of ours in this one figure: the same question would only fail again, so it is dropped.
   * @param {string} message
   */
  #broke(message) {
    this.asked = new Map();
    this.opening = null;
    this.status = "failed";
    if (this.shown) this.controls.show(this.shown.state, new Set());
    this.notice.fail(`Something is wrong inside this figure, and your last change could not be shown (${message}). What it showed before is still there.`, "reset");
  }

  /**
   * @param {string} message
   */
  #failed(message) {
    // What was asked and never answered waits for the next try; newer values of the same control win.
    this.waiting = new Map([...this.asked, ...this.waiting]);
    this.asked = new Map();
    this.status = "failed";
    this.notice.fail(message, "retry");
  }

  /** Try again what failed last. */
  retry() {
    this.notice.clear();
    const { afterRetry } = this;
    this.afterRetry = undefined;
    if (afterRetry) return void afterRetry();
    this.status = "starting";
    if (this.runtime.snapshot.phase === "failed") void this.runtime.retry();
    void this.#ask();
  }

  /**
   * @param {import("./runtime.js").Snapshot} snapshot
   */
  #runtimeChanged(snapshot) {
    const wanted = this.waiting.size > 0 || this.asked.size > 0 || this.opening !== null;
    if (snapshot.phase === "starting") {
      this.status = "starting";
      if (wanted) this.#sayProgress();
    } else if (snapshot.phase === "ready") {
      this.notice.settled();
      // Where something waits, its answer makes the figure live: until then it shows a stop.
      if (!wanted) this.status = "live";
      void this.#ask();
    } else if (snapshot.phase === "failed") {
      this.notice.settled();
      // A reader who asked for nothing needs no alarm: the figure is as good as before.
      if (!wanted) this.status = "failed";
    }
  }

  #sayProgress() {
    const { loaded, total } = this.runtime.snapshot;
    this.notice.progress(loaded, total, this.stops.isCoarse);
  }

  /**
   * Show an answer.
   * @param {Answer} answer
   * @param {boolean} move whether marks move to their new places
   */
  show(answer, move) {
    const from = this.picture.scene ?? this.shown?.view.scene;
    this.shown = answer;
    this.stops.stop = null;
    this.display(answer, move, from);
    this.element.dispatchEvent(new CustomEvent("klweb:state", { bubbles: true, detail: answer }));
  }

  /**
   * Show picture, readouts and sentence, and all else once those are painted.
   * @param {Answer} answer
   * @param {boolean} move
   * @param {import("./painter.js").Scene} [from] what has been seen so far
   */
  display(answer, move, from) {
    this.seen = answer;
    // First, while the page is laid out: see `Picture`.
    this.picture.show(answer.view.scene, move, from);
    report(this.element, answer.view);
    // Who presses an example looks at it.
    if (this.hasPreset(answer.link)) name(this.element, answer.link);
    this.follow();
  }

  /**
   * Bring up to date, once what is seen is painted, what can wait for that: the other controls and handles, the table, and that it is
   * no example any more.
   */
  follow() {
    if (this.isBehind) return;
    this.isBehind = true;
    void painted(SOON_MS).then(() => {
      this.isBehind = false;
      const { seen, stops: { isCoarse } } = this;
      if (!seen) return;
      if (this.status === "live") this.controls.complete();
      const busy = new Set(isCoarse ? [] : [...this.waiting.keys(), ...this.asked.keys()]);
      this.controls.show(seen.state, busy);
      this.handles.show(seen.view.scene, !busy.size, busy);
      name(this.element, seen.link);
      tabulate(this.element, seen.view.table);
    });
  }

  /** The other frame came into use: lay the same state out for it. */
  async #relayout() {
    if (!this.shown || this.begin) return;
    const { shown, picture: { frame } } = this;
    try {
      const answers = await this.presets.answers(frame);
      if (shown !== this.shown || frame !== this.picture.frame) return;
      if (Object.hasOwn(answers, shown.link)) {
        // The page's own pictures hold every frame; only what is painted needs another one.
        if (this.picture.isLive) this.show(answers[shown.link], false);
        else this.handles.show((this.shown = answers[shown.link]).view.scene);
        void this.stops.surround();
        return;
      }
    } catch {
      // Without the file, Python lays it out.
    }
    this.opening = { op: "view", state: shown.state };
    void this.#ask();
  }

  /**
   * @param {boolean} step
   */
  #remember(step) {
    const link = this.shown?.link ?? "";
    this.element.dispatchEvent(new CustomEvent("klweb:link", { bubbles: true, detail: { link, step } }));
  }

  /**
   * @param {HTMLButtonElement} button
   */
  async #copyLink(button) {
    const { phase, message } = this.runtime.snapshot;
    if (this.waiting.size && phase === "failed") return this.notice.fail(`Without Python there is no link to these values. ${message}`, "retry");
    this.copying = this.waiting.size || this.asked.size ? button : undefined;
    if (this.copying) return this.notice.say("The link to these values will be copied as soon as Python is here.");
    const url = pageOf(this.element);
    url.hash = this.link && address.write(new Map([[this.name, this.link]]));
    try {
      await navigator.clipboard.writeText(url.href);
      this.notice.say("The link is copied.");
    } catch {
      this.notice.say(`The link: ${url.href}`);
    }
    button.focus();
  }
}

/**
 * Return the pair (p, q) that an answer is about, if it is about one.
 * @param {Answer} answer
 * @returns {Pair | undefined}
 */
export function pairOf({ pair, state: { p, q } }) {
  return pair ?? (p && q && { p, q });
}

/**
 * @param {unknown} error
 */
function reason(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Name the control that an error concerns: Python counts entries from 1, the page from 0.
 * @param {Refusal} error
 * @param {Map<string, ControlEvent>} asked
 */
function fieldOf(error, asked) {
  if (asked.has(error.field)) return error.field;
  return asked.size === 1 ? [...asked.keys()][0] : error.field;
}
