// @ts-check
// What a reader presses on a picture: native buttons laid over it. They stand inside the figure's form and are named, so
// that a press of one is heard as that of any other button.

import { setAttribute } from "./letters.js";

/** @typedef {import("./painter.js").Mark} Mark */

/**
 * Keep a layer of buttons in step with a scene's spots.
 */
export class Spots {
  /**
   * @param {HTMLElement} stage the box that the picture fills
   * @param {(name: string) => boolean} isLocked
   */
  constructor(stage, isLocked) {
    this.isLocked = isLocked;
    this.stage = stage;
    /** @type {HTMLElement | undefined} most pictures have no spots, and need no layer */
    this.layer = undefined;
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    /** @type {WeakMap<HTMLButtonElement, string>} where each button lies */
    this.boxes = new WeakMap();
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
  }

  /**
   * @param {import("./painter.js").Scene} scene
   */
  show(scene) {
    const marks = scene.marks.filter((mark) => mark.mark === "spot");
    if (!marks.length && !this.buttons.size) return;
    const before = this.marks;
    this.marks = new Map(marks.map((mark) => [mark.name, mark]));
    /** @type {Mark | undefined} the spot that a keyboard is on and that goes away */
    let left;
    for (const [name, button] of this.buttons) {
      if (this.marks.has(name)) continue;
      if (document.activeElement === button) left = before.get(name);
      button.remove();
      this.buttons.delete(name);
    }
    const layer = this.#layerOf();
    marks.forEach((mark, place) => {
      const button = this.buttons.get(mark.name) ?? this.#make(mark.name);
      // Tab visits them in the scene's order.
      if (layer.children[place] !== button) layer.insertBefore(button, layer.children[place] ?? null);
      this.#place(button, mark, scene);
    });
    if (left) this.#focusNear(left);
  }

  #layerOf() {
    if (this.layer) return this.layer;
    this.layer = document.createElement("div");
    this.layer.className = "spots";
    // Below the handles, which are smaller.
    this.stage.insertBefore(this.layer, this.stage.querySelector(".handles"));
    return this.layer;
  }

  /**
   * @param {string} name
   */
  #make(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.name = name;
    this.buttons.set(name, button);
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Mark} mark
   * @param {import("./painter.js").Scene} scene
   */
  #place(button, mark, { width, height }) {
    const shares = [mark.x / width, mark.y / height, mark.w / width, mark.h / height];
    setAttribute(button, "aria-label", mark.label);
    button.disabled = this.isLocked(mark.name);
    if (this.boxes.get(button) === String(shares)) return;
    this.boxes.set(button, String(shares));
    const { style } = button;
    [style.left, style.top, style.width, style.height] = shares.map((share) => `${100 * share}%`);
  }

  /**
   * Keep the keyboard where it was, on the spot that is now nearest.
   * @param {Mark} left
   */
  #focusNear(left) {
    const distance = (/** @type {Mark} */ mark) =>
      Math.hypot(mark.x + mark.w / 2 - left.x - left.w / 2, mark.y + mark.h / 2 - left.y - left.h / 2);
    const [nearest] = [...this.marks.values()].sort((a, b) => distance(a) - distance(b));
    if (nearest) this.buttons.get(nearest.name)?.focus({ preventScroll: true });
  }
}
