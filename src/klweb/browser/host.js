// @ts-check
// The page's beginning: finds the figures, gives them one Python between them, and keeps the address up to date.

import * as address from "./address.js";
import { Figure } from "./figure.js";
import { setUpNotes } from "./notes.js";
import { Runtime } from "./runtime.js";

const config = JSON.parse(document.getElementById("klweb")?.textContent ?? "{}");
const embedded = document.body.classList.contains("embed");
const runtime = new Runtime({ manifestUrl: config.runtime, workerUrl: config.worker });

/** @type {Map<string, Figure>} the first figure of each widget, whose state the address may hold */
const figures = new Map();
/** @type {Map<Element, Figure>} */
const all = new Map();
for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.widget"))) {
  const figure = new Figure(element, runtime, config.widgets[element.dataset.widget ?? ""]);
  all.set(element, figure);
  if (!figures.has(figure.name)) figures.set(figure.name, figure);
}

/** Whether readers pay, in money or patience, for what they did not ask for. */
function sparing() {
  const connection = /** @type {any} */ (navigator).connection;
  return Boolean(connection?.saveData) || /2g|3g/.test(connection?.effectiveType ?? "") || connection?.type === "cellular";
}

const whenIdle = (/** @type {() => void} */ work) =>
  "requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 5000 }) : setTimeout(work, 1200);

/** What a figure needs when a reader comes near it: its presets, and, where that costs nobody anything, Python. */
const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    whenIdle(async () => {
      await all.get(target)?.prepare();
      if (!embedded && !sparing()) whenIdle(() => void runtime.start());
    });
  }
}, { rootMargin: "300px" });

for (const [element, figure] of all) {
  // A hand on a control is a reader who will want Python in a moment.
  for (const intent of ["pointerdown", "focusin"]) {
    element.addEventListener(intent, (event) => {
      const target = /** @type {Element} */ (event.target);
      void figure.prepare();
      if (target.closest("input, .controls button")) void runtime.start();
    }, { passive: true });
  }
}

function observe() {
  for (const element of all.keys()) near.observe(element);
}
if (document.readyState === "complete") observe();
else addEventListener("load", observe, { once: true });

/** Bring the figures in line with the address, after loading and after back and forward. */
function follow() {
  const states = address.follow();
  for (const [name, figure] of figures) {
    const text = states.get(name) ?? figure.firstPreset;
    if (text !== (figure.shown?.link ?? figure.firstPreset)) void figure.open(text);
  }
  return states;
}

if (embedded) {
  const { setUpEmbed } = await import("./embedded.js");
  setUpEmbed([...figures.values()][0]);
} else {
  address.know(figures.keys());
  const [first] = follow().keys();
  if (first) figures.get(first)?.element.scrollIntoView({ block: "center" });
  addEventListener("popstate", follow);
  addEventListener("klweb:link", (event) => {
    const figure = all.get(/** @type {Element} */ (event.target));
    if (!figure || figures.get(figure.name) !== figure) return;
    const { link, step } = /** @type {CustomEvent} */ (event).detail;
    address.put(figure.name, link === figure.firstPreset ? "" : link, step);
  });
}

const recolour = () => all.forEach((figure) => figure.picture.recolour());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
matchMedia("(prefers-contrast: more)").addEventListener("change", recolour);
matchMedia("print").addEventListener("change", recolour);
document.addEventListener("klweb:theme", recolour);
void document.fonts.ready.then(recolour);

setUpNotes();
