// @ts-check
// What a figure shows until Python is up: of the one control that a reader moves, the nearest of the stops that the build
// computed around the preset shown.

import { whenIdle } from "./connection.js";
import { following, nearest } from "./neighbours.js";

/**
 * @typedef {import("./neighbours.js").Neighbours} Neighbours
 * @typedef {import("./neighbours.js").Control} Control
 */

/** Where one task would hold up the page for too long: reading stops, what the first change takes, and showing one. */
const nextTask = () => new Promise((resolve) => { setTimeout(resolve); });

export class Stops {
  /** @type {{preset: string, frame: string, stops: Neighbours} | null} what is known around the preset that is shown */
  #near = null;
  /** Whether a finger or a mouse button is down. */
  #isHeld = false;

  /**
   * @param {import("./figure.js").Figure} figure
   */
  constructor(figure) {
    this.figure = figure;
    /** @type {{control: Control, place: number, link: string} | null} the stop that is shown rather than the preset itself */
    this.stop = null;
    /** Whether all that waits is shown, at the nearest stop. */
    this.isCoarse = false;
    figure.element.addEventListener("pointerdown", () => { this.#isHeld = true; }, true);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { this.#isHeld = false; }, true);
  }

  /** Python answers, or what it would answer is on its way. */
  get #areNeedless() {
    const { runtime } = this.figure;
    return runtime.isKept || runtime.snapshot.phase === "ready";
  }

  /** Nothing that waits is shown any more. */
  forget() {
    this.isCoarse = false;
  }

  /**
   * Fetch what is around a preset, by default the first, before it is shown.
   * @param {string} [name]
   */
  fetch(name) {
    if (this.#areNeedless) return;
    const { presets, picture, firstPreset } = this.figure;
    presets.near(picture.frame, name ?? firstPreset).catch((error) => console.warn(`klweb: ${error}`));
  }

  /** Make the stops around the preset that is shown ready to be shown. */
  async surround() {
    const { figure } = this;
    const { shown, picture: { frame } } = figure;
    const preset = shown?.link ?? "";
    if (this.#areNeedless || !figure.hasPreset(preset)) return;
    if (this.#near?.preset === preset && this.#near.frame === frame) return;
    try {
      const stops = await figure.presets.near(frame, preset);
      this.#read(stops);
      await nextTask();
      figure.rehearse();
      await nextTask();
      if (shown !== figure.shown || frame !== figure.picture.frame) return;
      this.#near = { preset, frame, stops };
      this.show();
      // The first touch then finds them read.
      for (const control of stops.controls) {
        whenIdle(() => { if (!this.#areNeedless) stops.answer(control, 0); });
      }
    } catch (error) {
      console.warn(`klweb: ${error}`);
    }
  }

  /**
   * Put together what is shown at the stops of a control that a reader has in hand, the nearest first.
   * @param {string} name
   */
  expect(name) {
    const near = this.#near;
    const control = near?.stops.controls.find((item) => item.name === name && item.type === "set");
    if (!near || !control || this.#areNeedless) return;
    const from = this.stop?.control === control ? this.stop.place : control.own;
    const places = [...control.values.keys()].sort((a, b) => Math.abs(a - from) - Math.abs(b - from));
    const next = () => {
      const place = places.shift();
      if (place === undefined || near !== this.#near || this.#areNeedless) return;
      near.stops.answer(control, place);
      whenIdle(next);
    };
    next();
  }

  /**
   * Read the stops of the control that is being moved, or of the first.
   * @param {Neighbours} stops
   */
  #read(stops) {
    const last = [...this.figure.waiting.values()].at(-1);
    const control = (last && stops.find(last)) ?? stops.controls[0];
    if (control) stops.answer(control, 0);
  }

  /**
   * Until Python is up: show the stop nearest to where a control was moved, if it is the only one that was.
   * @returns {boolean} whether all that waits is shown
   */
  show() {
    this.isCoarse = false;
    const { figure } = this;
    const { shown, runtime: { snapshot: { phase } } } = figure;
    const near = this.#near;
    const [last, ...earlier] = [...figure.waiting.values()].reverse();
    if (!last || !near || phase === "ready" || figure.opening || figure.isLoading || figure.asked.size) return false;
    if (near.preset !== shown?.link || near.frame !== figure.picture.frame) return false;
    const { stops } = near;
    const control = stops.find(last);
    if (!control || !earlier.every((event) => stops.isVoid(event, control))) return false;
    const closest = nearest(control, last.value);
    // A key that moves a control by less than half a stop moves it by a whole one, or nothing would happen.
    const from = this.stop?.control === control ? this.stop.place : control.own;
    const place = this.#isHeld || closest !== from ? closest : following(control, last.value, from);
    // What is asked of Python later is what the reader sees; a new event, for this one may be on its way already.
    if (place !== closest) figure.waiting.set(last.name, { ...last, value: control.values[place] });
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
    const { figure } = this;
    const answer = stops.answer(control, place);
    const isSame = this.stop?.control === control && this.stop.place === place;
    this.stop = { control, place, link: answer.link };
    if (!isSame) figure.display(answer, control.type === "press", figure.picture.scene ?? figure.shown?.view.scene);
    // The control itself stands at the stop, too, whatever is asked of Python.
    figure.controls.stand(control.name, answer.state);
    figure.handles.stand(control.name, answer.view.scene);
  }
}
