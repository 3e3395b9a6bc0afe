// @ts-check
// The figure that all pages with Python share: a slider and a preset ask, whatever way Python was started, and the answer
// is shown.

// @ts-expect-error  the site's own painter, put beside this file when the peers are served
import { paint, paletteOf } from "./painter.js";

/** @typedef {(text: string) => string | Promise<string>} Handle */

const figure = /** @type {HTMLElement} */ (document.querySelector("figure"));
const slider = /** @type {HTMLInputElement} */ (figure.querySelector("[data-handle]"));
const canvas = /** @type {HTMLCanvasElement} */ (figure.querySelector("canvas"));

let state = { edit: "q", p: [0.2, 0.2, 0.2, 0.2, 0.2], q: [0.1, 0.1, 0.6, 0.1, 0.1] };
/** @type {Handle | undefined} */
let handle;
/** @type {object | undefined} the newest that a reader wants to know */
let wanted;
let busy = false;

slider.addEventListener("input", () => {
  ask({ op: "events", events: [{ type: "set", name: slider.dataset.handle, value: Number(slider.value) }] });
});
for (const button of /** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("[data-preset]"))) {
  button.addEventListener("click", () => ask({ op: "decode", text: button.dataset.preset }));
}

/** @param {object} question */
function ask(question) {
  wanted = question;
  void next();
}

/** One question at a time. */
async function next() {
  if (!handle || busy || !wanted) return;
  busy = true;
  const question = { ...wanted, widget: "asymmetry", frame: "phone", state };
  wanted = undefined;
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
