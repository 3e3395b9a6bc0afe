// @ts-check
// The page's beginning: finds the figures, gives them one Python between them, and keeps the address up to date.

import * as address from "./address.js";
import { whenAsked } from "./asking.js";
import { sparing, whenIdle } from "./connection.js";
import { setUpEmbed } from "./embedded.js";
import { Figure } from "./figure.js";
import { setUpNotes } from "./notes.js";
import { setUpOffline } from "./offline.js";
import { setUpPredictions } from "./predict.js";
import { config, python } from "./python.js";
import { recolourWhenAsked } from "./recolouring.js";
import { ENTRIES, Sharing } from "./sharing.js";

/** @typedef {Map<Element, Figure>} Figures by element, in the page's order */

function begin() {
  /** @type {Figures} */
  const all = new Map();
  /** @type {Map<string, Figure>} the first figure of each widget, whose state the address may hold */
  const named = new Map();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.widget"))) {
    const figure = new Figure(element, python, config.widgets[element.dataset.widget ?? ""]);
    if ("adopted" in element.dataset) figure.begin = config.pair;
    all.set(element, figure);
    if (!named.has(figure.name)) named.set(figure.name, figure);
  }
  const isEmbed = document.body.classList.contains("embed");
  prepareWhenNear(all, isEmbed);
  if (isEmbed) setUpEmbed([...named.values()][0]);
  else keepAddress(all, named);
  recolourWhenAsked(all.values());
  const [builder, cell, exporting] = [config.builder, config.cell, config.export].map(fetched);
  for (const figure of all.values()) {
    whenAsked(figure, "button[data-save]", exporting);
    whenAsked(figure, 'button[data-action="embed"]', builder);
    whenAsked(figure, 'button[data-action="python"]', cell);
  }
  if (config.learning) learn(all).catch(tellUnlearnt);
  setUpNotes();
  setUpPredictions();
}

/**
 * Get what a figure needs when a reader comes near it: its presets, and, where that costs nobody anything, Python.
 * @param {Figures} all
 * @param {boolean} isEmbed
 */
function prepareWhenNear(all, isEmbed) {
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      whenIdle(async () => {
        await all.get(target)?.prepare();
        if (!isEmbed && !sparing()) whenIdle(() => void python.start());
      });
    }
  }, { rootMargin: "300px" });

  for (const [element, figure] of all) {
    for (const intent of ["pointerdown", "focusin", "pointerenter"]) {
      element.addEventListener(intent, () => void figure.prepare(), { passive: true });
    }
  }
  // Python that is on its way already came out of the cache, and so does the rest.
  if (python.snapshot.phase !== "idle") void all.values().next().value?.prepare();

  function loaded() {
    for (const element of all.keys()) near.observe(element);
    if (all.size && python.snapshot.phase === "idle") whenIdle(fetchAhead);
    const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-offline]"));
    if (line) whenIdle(() => setUpOffline(line, `${config.root}sw.js`, python));
  }
  if (document.readyState === "complete") loaded();
  else addEventListener("load", loaded, { once: true });
}

/** Fetch the script of Python's worker: once a reader asks for Python, one trip to the server is left, not two. */
function fetchAhead() {
  document.head.append(Object.assign(document.createElement("link"), {
    rel: "modulepreload", href: config.worker, fetchPriority: "low",
  }));
}

/**
 * Bring the figures in line with the address, after loading and after back and forward, and the address with them.
 * @param {Figures} all
 * @param {Map<string, Figure>} named
 */
function keepAddress(all, named) {
  const members = config.pair ? [...named.values()].filter(({ element }) => "shares" in element.dataset) : [];
  const sharing = members.length ? new Sharing(members, config.pair, address.put) : undefined;
  function follow() {
    const states = address.follow();
    sharing?.follow(states);
    for (const [name, figure] of named) {
      if (sharing?.has(figure) && !states.has(name)) continue;
      const text = states.get(name) ?? figure.firstPreset;
      if (text !== (figure.shown?.link ?? figure.firstPreset)) void figure.open(text);
    }
    return states;
  }
  address.know([...named.keys(), ...(sharing ? ENTRIES : []), ...(config.learning ? ["practice"] : [])]);
  const first = [...follow().keys()].find((name) => named.has(name));
  if (first) named.get(first)?.element.scrollIntoView({ block: "center" });
  addEventListener("popstate", follow);
  addEventListener("klweb:link", (event) => {
    const figure = all.get(/** @type {Element} */ (event.target));
    if (!figure || named.get(figure.name) !== figure) return;
    const { link, step } = /** @type {CustomEvent} */ (event).detail;
    address.put(sharing?.has(figure) ? sharing.entriesOf(figure, link) : { [figure.name]: link === figure.firstPreset ? "" : link }, step);
  });
}

/**
 * Set up what only pages about topics have.
 * @param {Figures} all
 */
async function learn(all) {
  /** @type {typeof import("./learn.js")} */
  const script = await import(new URL(config.learning.script, document.baseURI).href);
  await script.begin({
    learning: config.learning,
    getFigure: (element) => all.get(element),
    put: (text) => address.put({ practice: text }, false),
    async ask(request) {
      if (python.snapshot.phase === "failed") void python.retry();
      const outcome = await python.request(`variant ${request.question.id}`, request);
      if (outcome.status === "ok") return outcome.value;
      throw new Error(outcome.status === "error" ? outcome.error.message : "Another variant was asked for meanwhile.");
    },
  });
}

/**
 * Say why nothing can be marked here, where a page has a place for that.
 * @param {unknown} reason
 */
function tellUnlearnt(reason) {
  console.warn(`klweb: ${reason}`);
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-unkept]"))) {
    line.textContent = "What you know can’t be shown or marked now: the list of topics could not be loaded. Check the connection, then reload the page.";
    line.hidden = false;
  }
}

/**
 * Return what fetches a script, once somebody wants it.
 * @param {string} address
 * @returns {() => Promise<import("./asking.js").Script>}
 */
function fetched(address) {
  let misses = 0;
  return () => {
    const url = new URL(address, document.baseURI);
    // Some browsers remember that an address could not be had.
    if (misses) url.search = `?${misses}`;
    return import(url.href).catch((reason) => {
      misses += 1;
      throw reason;
    });
  };
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin, { once: true });
else begin();
