// @ts-check
// A figure's picture: the box that it stands in, the canvas that takes the place of the picture that came with the page,
// and the move from one scene to the next.

import { between, paint, paletteOf } from "./painter.js";

/** @typedef {import("./painter.js").Scene} Scene */

const MOVE_MS = 200;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const print = matchMedia("print");

export class Picture {
  /**
   * @param {HTMLElement} figure
   * @param {() => void} reframed called when the style sheet has room for another frame than before
   */
  constructor(figure, reframed) {
    this.figure = figure;
    this.stage = /** @type {HTMLElement} */ (figure.querySelector(".stage"));
    /** @type {HTMLCanvasElement | undefined} */
    this.canvas = undefined;
    /** What will be the canvas. @type {HTMLCanvasElement | undefined} */
    this.spare = undefined;
    /** @type {Scene | undefined} */
    this.scene = undefined;
    /** What the spare canvas holds already. @type {Scene | undefined} */
    this.ready = undefined;
    /** @type {Scene | undefined} what it shows once no mark moves any more */
    this.target = undefined;
    /** @type {import("./painter.js").Palette | undefined} */
    this.palette = undefined;
    /** The frame that was last asked for. @type {string | undefined} */
    this.known = undefined;
    /** The width of the box in CSS pixels, once it is known. Asking for it in mid-change would lay out the page at once. */
    this.width = 0;
    new ResizeObserver(([{ contentRect }]) => {
      const before = this.known;
      const isSame = contentRect.width === this.width;
      this.width = contentRect.width;
      this.ready = undefined;
      this.known = this.#frameNow();
      if (before && this.known !== before) reframed();
      else if (!isSame) this.repaint();
    }).observe(this.stage);
  }

  /**
   * The frame that the style sheet has room for. Found out when it is needed: it depends on the room that there is, so the browser
   * has to lay out the figure to tell.
   */
  get frame() {
    return this.known ??= this.#frameNow();
  }

  #frameNow() {
    return getComputedStyle(this.stage).getPropertyValue("--frame").trim() || "phone";
  }

  /** Whether there is a canvas: until then the page's own pictures hold every frame. */
  get isLive() {
    return this.canvas !== undefined;
  }

  /** Whether the first change finds ready what it needs. */
  get isRehearsed() {
    return (this.canvas ?? this.spare) !== undefined;
  }

  /**
   * Show a scene; marks move there from where they are, unless the reader wants no motion.
   * @param {Scene} to
   * @param {boolean} move
   * @param {Scene} [from] what the page's own picture shows
   */
  show(to, move, from = this.scene) {
    cancelAnimationFrame(this.animation ?? 0);
    this.target = to;
    if (!move || calm.matches || !from || from === to || from.width !== to.width) return this.#paint(to);
    const start = this.scene ?? from;
    const began = performance.now();
    const tick = (/** @type {number} */ now) => {
      const t = Math.min((now - began) / MOVE_MS, 1);
      this.#paint(t < 1 ? between(start, to, 1 - (1 - t) ** 3) : to);
      if (t < 1) this.animation = requestAnimationFrame(tick);
    };
    tick(began);
  }

  /**
   * @param {Scene} scene
   */
  #paint(scene) {
    this.scene = scene;
    const canvas = this.canvas ?? this.spare ?? document.createElement("canvas");
    if (canvas !== this.spare || scene !== this.ready) this.#paintOn(canvas, scene);
    const shape = `${scene.width} / ${scene.height}`;
    if (canvas.style.aspectRatio !== shape) canvas.style.aspectRatio = shape;
    if (!this.canvas) this.#place(canvas);
  }

  /**
   * Make ready what the first change needs while there is time: the colours, a canvas, and the code that paints.
   * @param {Scene} scene
   */
  rehearse(scene) {
    this.spare = document.createElement("canvas");
    this.#paintOn(this.spare, scene);
    // What was painted is not for anybody to see, so no pixel need be made of it.
    this.spare.width = 0;
  }

  /**
   * Paint the canvas that is not on the page yet with what a hand on the figure is about to ask for.
   * @param {Scene} scene
   */
  expect(scene) {
    if (this.canvas) return;
    this.spare ??= document.createElement("canvas");
    this.#paintOn(this.spare, scene);
    this.ready = scene;
  }

  /**
   * Paint while nothing on the page is about to change: to set a font asks what holds for the canvas, and so lays the page out.
   * @param {HTMLCanvasElement} canvas
   * @param {Scene} scene
   */
  #paintOn(canvas, scene) {
    const width = this.width || this.stage.clientWidth || scene.width;
    const density = print.matches ? 3 : Math.min(Math.max(devicePixelRatio, 1), 3);
    this.palette ??= paletteOf(this.stage);
    paint(canvas, scene, this.palette, (width / scene.width) * density);
  }

  /**
   * Let a canvas take the place of the picture that came with the page.
   * @param {HTMLCanvasElement} canvas
   */
  #place(canvas) {
    canvas.dataset.figure = "live";
    canvas.setAttribute("role", "img");
    const before = this.stage.querySelector("svg[data-figure]");
    for (const name of ["aria-labelledby", "aria-describedby"]) canvas.setAttribute(name, before?.getAttribute(name) ?? "");
    this.stage.prepend(canvas);
    this.figure.classList.add("painted");
    this.canvas = canvas;
    this.spare = undefined;
  }

  /** Paint again in what may be other colours. */
  recolour() {
    this.palette = undefined;
    this.ready = undefined;
    this.repaint();
  }

  /** Paint again what is shown, at the size that there is. */
  repaint() {
    if (this.canvas && this.scene) this.#paintOn(this.canvas, this.scene);
  }
}
