// @ts-check
// One widget on the page: it keeps the state, asks Python for what follows from it, and shows the answer.

import * as address from "./address.js";
import { whenIdle } from "./connection.js";
import { Controls } from "./controls.js";
import { Handles } from "./handles.js";
import { following, nearest } from "./neighbours.js";
import { Notice } from "./notice.js";
import { Picture } from "./picture.js";
import { Presets } from "./presets.js";
import { report } from "./report.js";

/**
 * @typedef {import("./report.js").View} View
 * @typedef {{field: string, message: string}} Refusal
 * @typedef {{ok: boolean, state: Record<string, any>, link: string, view: View, errors?: Refusal[], error?: Refusal}} Answer
 * @typedef {import("./controls.js").ControlEvent} ControlEvent
 * @typedef {import("./neighbours.js").Neighbours} Neighbours
 * @typedef {import("./neighbours.js").Control} Control
 * @typedef {"static" | "starting" | "live" | "failed"} Status
 */

/** How long a picture takes from the last stop to where the reader's hand is, once Python is up. */
const GLIDE_MS = 200;

export class Figure {
  /**
   * @param {HTMLElement} element
   * @param {import("./runtime.js").Runtime} runtime
   * @param {import("./presets.js").Data} data
   */
  constructor(element, runtime, data) {
    this.element = element;
    this.runtime = runtime;
    this.presets = new Presets(data);
    this.name = element.dataset.widget ?? "";
    this.picture = new Picture(element, () => this.#relayout());
    this.presetButtons = /** @type {HTMLButtonElement[]} */ ([...element.querySelectorAll("button[data-preset]")]);
    this.firstPreset = this.presetButtons[0].dataset.preset ?? "";
    /** @type {Answer | null} what is shown, or the preset whose stops are, once it is more than the picture that came with
     * the page; events are replayed from its state */
    this.shown = null;
    /** @type {{preset: string, frame: string, stops: Neighbours} | null} what is shown around a preset, until Python is up */
    this.near = null;
    /** @type {{control: Control, place: number} | null} the stop that is shown rather than the preset itself */
    this.stop = null;
    /** Whether all that waits is shown, at the nearest stop. */
    this.isCoarse = false;
    /** Whether a finger or a mouse button is down. */
    this.isHeld = false;
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
    });
    /** @type {Set<string>} controls that an embedding page has locked, with all their entries and handles */
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

  #listen() {
    for (const button of this.presetButtons) {
      const name = button.dataset.preset ?? "";
      button.addEventListener("click", () => this.preset(name, true));
      button.addEventListener("pointerdown", () => this.#fetchNear(name));
    }
    this.element.addEventListener("pointerdown", () => { this.isHeld = true; }, true);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { this.isHeld = false; }, true);
    this.element.querySelector('[data-action="reset"]')?.addEventListener("click", () => this.reset());
    this.element.querySelector('[data-action="link"]')?.addEventListener("click", (event) =>
      this.#copyLink(/** @type {HTMLButtonElement} */ (event.currentTarget)));
    this.runtime.subscribe((snapshot) => this.#runtimeChanged(snapshot));
  }

  /** Fetch the presets of the frame in use and what is around the first, and put the handles on the picture. */
  async prepare() {
    const isUntouched = this.shown === null;
    if (isUntouched) this.#fetchNear();
    try {
      const answers = await this.presets.answers(this.picture.frame);
      if (!this.shown) {
        this.shown = answers[this.firstPreset];
        this.handles.show(this.shown.view.scene);
        this.controls.show(this.shown.state, new Set());
        void this.#surround();
      }
    } catch (error) {
      console.warn(`klweb: ${error}`);
    }
  }

  /**
   * Fetch what is around a preset, by default the first, before it is shown.
   * @param {string} [name]
   */
  #fetchNear(name) {
    if (this.runtime.isKept || this.runtime.snapshot.phase === "ready") return;
    const preset = name === this.firstPreset ? undefined : name;
    this.presets.near(this.picture.frame, preset).catch((error) => console.warn(`klweb: ${error}`));
  }

  /** Make the stops around the preset that is shown ready to be shown. */
  async #surround() {
    const { shown, picture: { frame } } = this;
    const preset = shown?.link ?? "";
    if (this.runtime.isKept || this.runtime.snapshot.phase === "ready" || !this.presetButtons.some((button) => button.dataset.preset === preset)) return;
    if (this.near?.preset === preset && this.near.frame === frame) return;
    try {
      const stops = await this.presets.near(frame, preset === this.firstPreset ? undefined : preset);
      if (shown !== this.shown || frame !== this.picture.frame) return;
      this.near = { preset, frame, stops };
      this.#snap();
      // The first touch then finds them read.
      for (const control of stops.controls) {
        whenIdle(() => { if (this.runtime.snapshot.phase !== "ready") stops.answer(control, 0); });
      }
    } catch (error) {
      console.warn(`klweb: ${error}`);
    }
  }

  /**
   * Until Python is up: show the stop nearest to where a control was moved, if it is the only one that was.
   * @returns {boolean} whether all that waits is shown
   */
  #snap() {
    this.isCoarse = false;
    const { near, shown, runtime: { snapshot: { phase } } } = this;
    const [last, ...earlier] = [...this.waiting.values()].reverse();
    if (!last || !near || phase === "ready" || this.opening || this.isLoading || this.asked.size) return false;
    if (near.preset !== shown?.link || near.frame !== this.picture.frame) return false;
    const { stops } = near;
    const control = stops.find(last);
    if (!control || !earlier.every((event) => stops.isVoid(event, control))) return false;
    const closest = nearest(control, last.value);
    // A key that moves a control by less than half a stop moves it by a whole one, or nothing would happen.
    const from = this.stop?.control === control ? this.stop.place : control.own;
    const place = this.isHeld || closest !== from ? closest : following(control, last.value, from);
    // What is asked of Python later is what the reader sees; a new event, for this one may be on its way already.
    if (place !== closest) this.waiting.set(last.name, { ...last, value: control.values[place] });
    this.#showStop(stops, control, place);
    this.isCoarse = true;
    return true;
  }

  /**
   * @param {Neighbours} stops
   * @param {Control} control
   * @param {number} place
   */
  #showStop(stops, control, place) {
    const answer = stops.answer(control, place);
    const isSame = this.stop?.control === control && this.stop.place === place;
    this.stop = { control, place };
    // The control itself stands at the stop, too, whatever is asked of Python.
    this.controls.show(answer.state, new Set());
    this.handles.show(answer.view.scene, true);
    if (isSame) return;
    report(this.element, answer.view, answer.link);
    this.picture.show(answer.view.scene, control.type === "press", this.picture.scene ?? this.shown?.view.scene);
  }

  /**
   * Show a preset, without Python.
   * @param {string} name
   * @param {boolean} step whether a reader chose it, so that *back* should take it back
   */
  preset(name, step) {
    this.waiting.clear();
    this.asked = new Map();
    this.opening = null;
    this.copying = undefined;
    this.isCoarse = false;
    this.turn += 1;
    this.isLoading = true;
    this.notice.settled();
    if (this.presetButtons.some((button) => button.dataset.preset === name)) this.#fetchNear(name);
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
      void this.#surround();
      if (this.status === "failed" && this.runtime.snapshot.phase === "ready") this.status = "live";
      this.#remember(step);
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
    const key = event.type === "press" ? `press ${(this.presses += 1)}` : event.name;
    this.waiting.delete(key);
    this.waiting.set(key, event);
    this.step ||= event.type === "press";
    const { phase, message } = this.runtime.snapshot;
    if (this.#snap() && phase === "failed") {
      // The stops need no Python: what failed, and the way on, stay as they are.
      if (!this.notice.isFailure) this.#failed(message);
      return;
    }
    this.notice.clear(event.name);
    const shown = this.element.querySelector(`[data-shown="${event.name}"]`);
    if (shown && typeof event.value === "number" && !this.isCoarse) shown.textContent = String(event.value).replace("-", "−");
    if (phase === "starting") this.#sayProgress();
    void this.#ask();
  }

  /**
   * Show the state that a link's text describes.
   * @param {string} text
   */
  open(text) {
    if (!text.includes(":")) return this.preset(text, false);
    this.waiting.clear();
    this.asked = new Map();
    this.isCoarse = false;
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
      await this.runtime.start();
      if (!this.opening && !this.waiting.size) return;
      const { turn, opening } = this;
      if (!opening) {
        this.asked = this.waiting;
        this.waiting = new Map();
      }
      const question = opening ?? { op: "events", state: this.shown?.state, events: [...this.asked.values()] };
      const outcome = await this.runtime.request(this.element.id, { ...question, widget: this.name, frame: this.picture.frame });
      if (outcome.status === "ok") this.#answered(outcome.value, opening, turn);
      else if (outcome.status === "error" && outcome.error.kind === "internal") this.#broke(outcome.error.message);
      else if (outcome.status === "error") this.#failed(outcome.error.message);
    } catch (error) {
      this.#failed(reason(error));
    } finally {
      this.busy = false;
    }
    if (this.status !== "failed") await this.#ask();
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
    if (!refused.size || asked.size > refused.size || opening) {
      if (this.stop) this.glideEnd = performance.now() + GLIDE_MS;
      this.show(answer, Boolean(opening) || this.step || performance.now() < this.glideEnd);
      this.#remember(this.step);
    }
    this.step = false;
    if (this.copying && !this.waiting.size) void this.#copyLink(this.copying);
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
    this.notice.progress(loaded, total, this.isCoarse);
  }

  /**
   * Show an answer: picture, readouts, sentence, table, controls.
   * @param {Answer} answer
   * @param {boolean} move whether marks move to their new places
   */
  show(answer, move) {
    const before = this.shown?.view.scene;
    this.shown = answer;
    this.stop = null;
    const { view } = answer;
    report(this.element, view, answer.link);
    this.controls.show(answer.state, new Set([...this.waiting.keys(), ...this.asked.keys()]));
    this.handles.show(view.scene, !this.waiting.size);
    this.picture.show(view.scene, move, this.picture.scene ?? before);
    this.element.dispatchEvent(new CustomEvent("klweb:state", { bubbles: true, detail: answer }));
  }

  /** The other frame came into use: lay the same state out for it. */
  async #relayout() {
    if (!this.shown) return;
    const { shown, picture: { frame } } = this;
    try {
      const answers = await this.presets.answers(frame);
      if (shown !== this.shown || frame !== this.picture.frame) return;
      if (Object.hasOwn(answers, shown.link)) {
        // The page's own pictures hold every frame; only what is painted needs another one.
        if (this.picture.isLive) this.show(answers[shown.link], false);
        else this.handles.show((this.shown = answers[shown.link]).view.scene);
        void this.#surround();
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
    const url = new URL(location.href);
    url.hash = address.write(new Map([[this.name, this.shown?.link ?? this.firstPreset]]));
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
