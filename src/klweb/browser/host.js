// @ts-check
// The page's beginning: finds the figures, gives them one Python between them, and keeps the address up to date.

import * as address from "./address.js";
import { sparing, whenIdle } from "./connection.js";
import { Figure } from "./figure.js";
import { setUpNotes } from "./notes.js";
import { config, python } from "./python.js";

const embedded = document.body.classList.contains("embed");

/** @type {Map<string, Figure>} the first figure of each widget, whose state the address may hold */
const figures = new Map();
/** @type {Map<Element, Figure>} */
const all = new Map();
for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.widget"))) {
  const figure = new Figure(element, python, config.widgets[element.dataset.widget ?? ""]);
  all.set(element, figure);
  if (!figures.has(figure.name)) figures.set(figure.name, figure);
}

/** What a figure needs when a reader comes near it: its presets, and, where that costs nobody anything, Python. */
const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    whenIdle(async () => {
      await all.get(target)?.prepare();
      if (!embedded && !sparing()) whenIdle(() => void python.start());
    });
  }
}, { rootMargin: "300px" });

for (const [element, figure] of all) {
  for (const intent of ["pointerdown", "focusin", "pointerenter"]) {
    element.addEventListener(intent, () => void figure.prepare(), { passive: true });
  }
}

/** Fetch the modules of Python's worker: once a reader asks for Python, one trip to the server is left, not three. */
function fetchAhead() {
  for (const href of config.later) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href, fetchPriority: "low" }));
  }
}

function loaded() {
  for (const element of all.keys()) near.observe(element);
  if (all.size && python.snapshot.phase === "idle") whenIdle(fetchAhead);
  const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-offline]"));
  if (line) whenIdle(() => import("./offline.js").then(
    ({ setUpOffline }) => setUpOffline(line, `${config.root}sw.js`, python), (reason) => console.info(`klweb: ${reason}`)));
}
// Python that is on its way already came out of the cache, and so does the rest.
if (python.snapshot.phase !== "idle") void all.values().next().value?.prepare();
if (document.readyState === "complete") loaded();
else addEventListener("load", loaded, { once: true });

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
