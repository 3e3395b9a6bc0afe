// @ts-check
/**
 * A figure in a file of its own, which opens from disk: what the build computed of it stands in the file, and nothing is
 * ever asked of anybody. Without Python, each example's controls move in steps, one at a time; what has no steps is not
 * shown.
 */

import { whenAsked } from "./asking.js";
import * as taking from "./export.js";
import { Figure } from "./figure.js";
import { leadOn } from "./place.js";
import { recolourWhenAsked } from "./recolouring.js";

/** @typedef {{data: import("./presets.js").Data, files: Record<string, string>}} Content `files` by name, gzipped, in Base64 */

/** @type {Content} */
const { data, files } = JSON.parse(document.getElementById("klweb")?.textContent ?? "{}");

/** @type {import("./runtime.js").Snapshot} */
const ABSENT = { phase: "absent", loaded: 0, total: 0, what: "", message: "This file has no Python.", kind: "" };

/** What stands for Python where there is none. @type {import("./runtime.js").Python} */
const nobody = {
  isKept: false,
  snapshot: ABSENT,
  subscribe(listener) {
    listener(ABSENT);
    return () => {};
  },
  start: () => Promise.resolve(false),
  retry: () => Promise.resolve(false),
  stop() {},
  request: () => Promise.resolve({ status: "error", error: { kind: "stopped", message: ABSENT.message } }),
};

/**
 * Return a file that this one holds, as a server would: only stops come to the page gzipped, and are inflated there.
 * @param {string} url
 */
async function get(url) {
  const name = url.slice(url.lastIndexOf("/") + 1);
  const bytes = Uint8Array.from(atob(files[name]), (letter) => letter.charCodeAt(0));
  const zipped = new Blob([bytes]);
  return new Response(name.endsWith(".bin") ? zipped : zipped.stream().pipeThrough(new DecompressionStream("gzip")));
}

const figure = new Figure(/** @type {HTMLElement} */ (document.querySelector("figure.widget")), nobody, data, get);

/** Leave out the controls that have no steps around the example that is shown. */
async function withhold() {
  const { element, handles, picture, presets, shown } = figure;
  if (!shown) return;
  const { controls } = await presets.near(picture.frame, shown.link);
  if (shown !== figure.shown) return;
  // The entries of a list make the list one that moves.
  const moving = new Set(controls.flatMap(({ name }) => [name, name.split(".")[0]]));
  figure.locked = { has: (name) => !moving.has(name) };
  for (const control of element.querySelectorAll(".controls [data-control], .controls .buttons button")) {
    const name = control.getAttribute("data-control") ?? control.getAttribute("name") ?? "";
    control.classList.toggle("withheld", !moving.has(name));
  }
  handles.show(shown.view.scene);
}

figure.element.addEventListener("klweb:state", withhold);
leadOn(figure);
whenAsked(figure, "button[data-save]", async () => taking);
recolourWhenAsked([figure]);
void figure.prepare().then(withhold);
