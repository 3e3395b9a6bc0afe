// @ts-check
// What a reader drags: native range inputs laid over the picture, so that fingers, keys and screen readers all reach them.

import { setAttribute } from "./letters.js";
import { Spots } from "./spots.js";

/**
 * @typedef {import("./painter.js").Mark} Mark
 * @typedef {(name: string, value: number) => void} Moved
 */

/**
 * Keep a layer of range inputs in step with a scene's handles.
 */
export class Handles {
  /**
   * @param {HTMLElement} stage the box that the picture fills
   * @param {Moved} moved called while a handle moves
   * @param {(name: string) => boolean} isLocked
   */
  constructor(stage, moved, isLocked) {
    this.moved = moved;
    this.isLocked = isLocked;
    this.spots = new Spots(stage, isLocked);
    this.layer = document.createElement("div");
    this.layer.className = "handles";
    stage.append(this.layer);
    /** @type {Map<string, HTMLInputElement>} */
    this.inputs = new Map();
    /** @type {WeakMap<HTMLInputElement, string>} where each input lies */
    this.boxes = new WeakMap();
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
    /** @type {import("./painter.js").Scene} */
    this.scene = { width: 1, height: 1, marks: [] };
    /** The name of the handle under a finger, if any. */
    this.held = "";
    /** Whether the handle that moved has been told where to stand. */
    this.hasStood = false;
  }

  /**
   * @param {import("./painter.js").Scene} scene
   * @param {boolean} [isLatest] whether it is what follows from where the held handle is now, so that this one goes along
   * @param {Set<string>} [busy] names of those whose newest value is not shown yet
   */
  show(scene, isLatest = false, busy = new Set()) {
    this.scene = scene;
    this.spots.show(scene);
    const marks = scene.marks.filter((mark) => mark.mark === "handle");
    this.marks = new Map(marks.map((mark) => [mark.name, mark]));
    for (const [name, input] of this.inputs) {
      if (this.marks.has(name) || name === this.held) continue;
      input.remove();
      this.inputs.delete(name);
    }
    for (const mark of marks) this.#place(this.inputs.get(mark.name) ?? this.#make(mark), mark, isLatest || !busy.has(mark.name) && mark.name !== this.held);
  }

  /**
   * Let one handle stand where it does in a scene, and nothing else.
   * @param {string} name
   * @param {import("./painter.js").Scene} scene
   */
  stand(name, scene) {
    const input = this.inputs.get(name);
    const mark = scene.marks.find((item) => item.mark === "handle" && item.name === name);
    if (!input || !mark) return;
    this.#place(input, mark, true);
    this.hasStood = true;
  }

  /**
   * @param {HTMLInputElement} input
   * @param {Mark} mark
   * @param {boolean} isFree whether it goes where the mark is, rather than staying in a hand
   */
  #place(input, mark, isFree) {
    const { width, height } = this.scene;
    const box = [mark.x / width, mark.y / height, mark.w / width, mark.h / height].map((share) => `${100 * share}%`);
    if (String(box) !== this.boxes.get(input)) {
      [input.style.left, input.style.top, input.style.width, input.style.height] = box;
      this.boxes.set(input, String(box));
    }
    setAttribute(input, "min", mark.low);
    setAttribute(input, "max", mark.high);
    setAttribute(input, "step", mark.step);
    if (isFree && Number(input.value) !== mark.value) input.value = mark.value;
    input.disabled = this.isLocked(mark.name);
    setAttribute(input, "aria-label", mark.label);
    setAttribute(input, "aria-valuetext", mark.value_text);
  }

  /**
   * @param {Mark} mark
   */
  #make(mark) {
    const input = document.createElement("input");
    input.type = "range";
    input.name = mark.name;
    input.dataset.handle = mark.name;
    input.autocomplete = "off";
    input.classList.add(mark.axis === "y" ? "vertical" : "horizontal");
    if (mark.axis === "y") input.setAttribute("aria-orientation", "vertical");
    this.inputs.set(mark.name, input);
    this.layer.append(input);
    input.addEventListener("input", () => this.moved(mark.name, Number(input.value)));
    this.#drag(input);
    return input;
  }

  /**
   * Make an input follow a finger anywhere over its box, by the scene's own scale: a native thumb would not lie on the
   * bar that it stands for.
   * @param {HTMLInputElement} input
   */
  #drag(input) {
    let offset = 0;
    const at = (/** @type {PointerEvent} */ event) => {
      const mark = /** @type {Mark} */ (this.marks.get(input.name));
      const box = this.layer.getBoundingClientRect();
      return mark.axis === "y"
        ? ((event.clientY - box.top) / box.height) * this.scene.height
        : ((event.clientX - box.left) / box.width) * this.scene.width;
    };
    const pixel = (/** @type {Mark} */ mark, /** @type {number} */ value) =>
      mark.at_low + ((value - mark.low) / (mark.high - mark.low)) * (mark.at_high - mark.at_low);
    const value = (/** @type {PointerEvent} */ event) => {
      const mark = this.marks.get(input.name);
      if (!mark) return Number(input.value);
      const raw = mark.low + ((at(event) - offset - mark.at_low) / (mark.at_high - mark.at_low)) * (mark.high - mark.low);
      const snapped = Math.round(raw / mark.step) * mark.step;
      return Math.min(Math.max(Number(snapped.toFixed(10)), mark.low), mark.high);
    };
    // Chromium's range inputs follow touches too, which the default of a pointer event does not stop.
    input.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    input.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || input.disabled) return;
      event.preventDefault();
      input.focus({ preventScroll: true });
      input.setPointerCapture(event.pointerId);
      const mark = /** @type {Mark} */ (this.marks.get(input.name));
      // The grip keeps its distance to the finger, so that touching it does not move it.
      offset = at(event) - pixel(mark, mark.value);
      this.held = input.name;
    });
    input.addEventListener("pointermove", (event) => {
      if (this.held !== input.name) return;
      const next = value(event);
      if (next === Number(input.value)) return;
      this.hasStood = false;
      this.moved(input.name, next);
      // Not before: a changed input would have to be laid out before anything could be painted.
      if (!this.hasStood) input.value = String(next);
    });
    const release = () => {
      if (this.held === input.name) this.held = "";
    };
    input.addEventListener("pointerup", release);
    input.addEventListener("pointercancel", release);
    input.addEventListener("lostpointercapture", release);
  }
}
