// @ts-check
// The states of a page's figures in its address: #asymmetry=mirror-image&gaussians=mu_p:0;… An anchor has no "=".
// History entries hold the states too, so that a jump to an anchor, which drops them from the address, loses nothing.

import { painted } from "./connection.js";

/** @typedef {Map<string, string>} States widget → link text */

/** How long a figure has to rest before its state is written: an address that changed with every frame of a drag would
 * cost most of the frame, and browsers put an end to it after one or two hundred times. */
const REST_MS = 250;

/** @type {Set<string>} */
const known = new Set();
/** @type {States} what the figures show; one that shows its first preset is not in it */
let current = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} set while a movement has to rest before it is written */
let resting;
/** Whether a step is still to be written. */
let isStep = false;

/**
 * @param {Iterable<string>} names the widgets whose states may stand in the address
 */
export function know(names) {
  for (const name of names) known.add(name);
  addEventListener("pagehide", catchUp);
}

/**
 * Read the states in an address's fragment; what is no state of a widget on this page is left out.
 * @param {string} hash
 * @returns {States}
 */
export function read(hash) {
  const states = new Map();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 1 || !known.has(part.slice(0, at))) continue;
    let text = part.slice(at + 1);
    try {
      text = decodeURIComponent(text);
    } catch {
      // Not percent-encoded after all: the text is refused, with a message, where it is read.
    }
    states.set(part.slice(0, at), text);
  }
  return states;
}

/**
 * Return the fragment that says these states, with the punctuation that fragments allow left readable.
 * @param {States} states
 */
export function write(states) {
  const encode = (/** @type {string} */ text) => encodeURIComponent(text).replace(/%(3A|3B|2C)/g, decodeURIComponent);
  const parts = [...states].map(([name, text]) => `${name}=${encode(text)}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

/**
 * Return the states that the page should show now: after loading, after back and forward, after a jump to an anchor.
 * @returns {States}
 */
export function follow() {
  // The entry that something was still to be written into has been left.
  forget();
  const saved = history.state?.klweb;
  if (saved && typeof saved === "object") current = new Map(Object.entries(saved).map(([name, text]) => [name, String(text)]));
  else if (!location.hash || location.hash.includes("=")) current = read(location.hash);
  // Else a jump to an anchor, which changes no figure.
  save(false, location.href);
  return current;
}

/**
 * Put what figures show into the address: a step that a reader would want to take back once it is painted, since to write
 * it takes a millisecond, and into a history entry of its own; a movement once it rests.
 * @param {Record<string, string>} texts widget → link text, or "" for the first preset
 * @param {boolean} step
 */
export function put(texts, step) {
  const changes = Object.entries(texts).filter(([widget, text]) => (current.get(widget) ?? "") !== text);
  if (!changes.length) return;
  if (step) catchUp();
  current = new Map(current);
  for (const [widget, text] of changes) {
    if (text) current.set(widget, text);
    else current.delete(widget);
  }
  if (step) {
    isStep = true;
    void painted().then(() => { if (isStep) catchUp(); });
  } else {
    clearTimeout(resting);
    resting = setTimeout(catchUp, REST_MS);
  }
}

/** Write now what waits to be written. */
function catchUp() {
  if (!isStep && resting === undefined) return;
  const step = isStep;
  forget();
  save(step, here());
}

function forget() {
  clearTimeout(resting);
  resting = undefined;
  isStep = false;
}

const here = () => write(current) || location.pathname + location.search;

/**
 * @param {boolean} step
 * @param {string} url
 */
function save(step, url) {
  const state = { klweb: Object.fromEntries(current) };
  try {
    if (step) history.pushState(state, "", url);
    else history.replaceState(state, "", url);
  } catch {
    // Browsers limit how often the address may change, and a sandboxed frame may not change it at all.
  }
}
