// @ts-check
// The figure that all pages with Python share: a slider asks, whatever way Python was started, and the answer is shown.

// @ts-expect-error  the site's own painter, put beside this file when the peers are served
import { paint, paletteOf } from "./painter.js";

/** @typedef {(text: string) => string | Promise<string>} Handle */

const figure = /** @type {HTMLElement} */ (document.querySelector("figure"));
const slider = /** @type {HTMLInputElement} */ (figure.querySelector("[data-handle]"));
const canvas = /** @type {HTMLCanvasElement} */ (figure.querySelector("canvas"));

let state = { edit: "q", p: [0.2, 0.2, 0.2, 0.2, 0.2], q: [0.1, 0.1, 0.6, 0.1, 0.1] };
/** @type {Handle | undefined} */
let handle;
let moved = false;
let busy = false;

slider.addEventListener("input", () => {
  moved = true;
  void next();
});

/** Ask for the newest place of the slider, one question at a time. */
async function next() {
  if (!handle || busy || !moved) return;
  moved = false;
  busy = true;
  const event = { type: "set", name: slider.dataset.handle, value: Number(slider.value) };
  const question = { op: "events", widget: "asymmetry", frame: "phone", state, events: [event] };
  const answer = JSON.parse(await handle(JSON.stringify(question)));
  busy = false;
  state = answer.state;
  paint(canvas, answer.view.scene, paletteOf(figure), devicePixelRatio);
  for (const { name, value, text } of answer.view.readouts) {
    const output = /** @type {HTMLElement} */ (figure.querySelector(`[data-readout="${name}"]`));
    output.dataset.value = value;
    output.textContent = text;
  }
  void next();
}

/**
 * Python is up: from now on it answers.
 * @param {Handle} answerer
 */
export function live(answerer) {
  handle = answerer;
  figure.dataset.status = "live";
  void next();
}
