// @ts-check
// A scene as an SVG file that stands alone. There is no third painter: the canvas's own paints on a context that writes
// down what it is told, and knows exactly the calls which that painter makes.

import { paint } from "./painter.js";

/**
 * @typedef {import("./painter.js").Scene} Scene
 * @typedef {import("./painter.js").Palette} Palette
 * @typedef {Record<string, string | number>} Attributes
 * @typedef {{tag: string, attributes: Attributes, text?: string}} Element
 */

const ANCHORS = { start: "start", center: "middle", end: "end" };

/** Coordinates as files have them: to a hundredth of a pixel. */
const rounded = (/** @type {number} */ value) => Number(value.toFixed(2));

/** Stands in for a canvas's context. */
export class Recorder {
  /** @param {import("./sheet.js").Measure} [measure] how wide texts are to be, whatever letters they are drawn in elsewhere */
  constructor(measure) {
    this.measure = measure;
  }

  /** @type {Element[]} */
  elements = [];
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 1;
  lineJoin = "";
  font = "";
  /** @type {keyof typeof ANCHORS} */
  textAlign = "start";
  /** @type {number[]} */
  #dash = [];
  /** @type {Element | undefined} what fill and stroke are about */
  #shape;

  setTransform() {}

  clearRect() {}

  beginPath() {
    this.#shape = undefined;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  rect(x, y, width, height) {
    this.#begin("rect", { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   * @param {number} radius
   */
  roundRect(x, y, width, height, radius) {
    this.rect(x, y, width, height);
    this.#attributes.rx = rounded(radius);
  }

  /**
   * A whole circle; the painter draws no other arc.
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   */
  arc(x, y, radius) {
    this.#begin("circle", { cx: rounded(x), cy: rounded(y), r: rounded(radius) });
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.#begin("path", { d: `M${rounded(x)},${rounded(y)}` });
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    this.#attributes.d += ` ${rounded(x)},${rounded(y)}`;
  }

  closePath() {
    this.#attributes.d += "Z";
  }

  fill() {
    this.#attributes.fill = this.fillStyle;
  }

  stroke() {
    Object.assign(this.#attributes, this.#stroked());
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.#dash = dash;
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   */
  fillText(text, x, y) {
    this.elements.push({ tag: "text", attributes: { ...this.#lettered(text, x, y), fill: this.fillStyle }, text });
  }

  /**
   * What is drawn below the letters themselves is no second text to those who listen.
   * @param {string} text
   * @param {number} x
   * @param {number} y
   */
  strokeText(text, x, y) {
    const attributes = { "aria-hidden": "true", ...this.#lettered(text, x, y), ...this.#stroked() };
    this.elements.push({ tag: "text", attributes, text });
  }

  get #attributes() {
    if (!this.#shape) throw new Error("there is no path to draw on");
    return this.#shape.attributes;
  }

  /**
   * @param {string} tag
   * @param {Attributes} attributes
   */
  #begin(tag, attributes) {
    if (this.#shape) throw new Error("a path of several shapes has no element of its own");
    this.#shape = { tag, attributes };
    this.elements.push(this.#shape);
  }

  /** @returns {Attributes} */
  #stroked() {
    return {
      stroke: this.strokeStyle,
      ...(this.lineWidth === 1 ? {} : { "stroke-width": this.lineWidth }),
      ...(this.#dash.length ? { "stroke-dasharray": this.#dash.join(" ") } : {}),
    };
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @returns {Attributes}
   */
  #lettered(text, x, y) {
    const [, italic, bold, size] = /^(italic )?(600 )?([\d.]+)px /.exec(this.font) ?? [];
    const width = this.measure?.(text, { size: Number(size), bold: Boolean(bold), italic: Boolean(italic) });
    return {
      x: rounded(x),
      y: rounded(y),
      "font-size": size,
      ...(italic ? { "font-style": "italic" } : {}),
      ...(bold ? { "font-weight": 600 } : {}),
      ...(this.textAlign === "start" ? {} : { "text-anchor": ANCHORS[this.textAlign] }),
      ...(width ? { textLength: rounded(width), lengthAdjust: "spacingAndGlyphs" } : {}),
    };
  }
}

const ENTITIES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" });
/** Characters, and halves of characters, that XML cannot hold in any form. */
const UNWRITABLE = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** @param {unknown} text */
export function escaped(text) {
  return String(text).replace(UNWRITABLE, "\uFFFD").replace(/[&<>"]/g, (character) => ENTITIES[character]);
}

/** @param {Attributes} attributes */
const written = (attributes) => Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");

/**
 * Return a scene as a file of SVG, with its colours in it.
 * @param {Scene} scene
 * @param {Palette} palette
 * @param {{title: string, description: string}} words
 * @param {import("./sheet.js").Measure} [measure]
 */
export function svgOf(scene, palette, { title, description }, measure) {
  const recorder = new Recorder(measure);
  paint(/** @type {any} */ ({ width: 0, height: 0, getContext: () => recorder }), scene, palette, 1);
  const [width, height] = [rounded(scene.width), rounded(scene.height)];
  const head = {
    xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    fill: "none", "stroke-linejoin": recorder.lineJoin, "font-family": palette.font,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg${written(head)}>`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    ...recorder.elements.map(({ tag, attributes, text }) => (
      text === undefined ? `<${tag}${written(attributes)}/>` : `<${tag}${written(attributes)}>${escaped(text)}</${tag}>`)),
    "</svg>\n",
  ].join("\n");
}
