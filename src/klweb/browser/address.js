// @ts-check
// The states of a page's figures in its address: #asymmetry=mirror-image&gaussians=mu_p:0;… An anchor has no "=".

/** @type {Set<string>} */
const known = new Set();

/**
 * @param {Iterable<string>} names the widgets whose states may stand in the address
 */
export function know(names) {
  for (const name of names) known.add(name);
}

/**
 * Read the states in an address's fragment; what is no state of a widget on this page is left out.
 * @param {string} hash
 * @returns {Map<string, string>} widget → link text
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
 * Return the fragment that says these states, with unreserved punctuation left readable.
 * @param {Map<string, string>} states
 */
export function write(states) {
  const parts = [...states].map(([name, text]) => `${name}=${encodeURIComponent(text).replace(/%(3A|3B|2C)/g, decodeURIComponent)}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

/**
 * Put a figure's state into the address. A step that a reader would want to take back gets a history entry.
 * @param {string} widget
 * @param {string} text the link text, or "" to leave the figure out
 * @param {boolean} step
 */
export function put(widget, text, step) {
  const states = read(location.hash);
  if (text) states.set(widget, text);
  else states.delete(widget);
  const hash = write(states);
  if (hash === location.hash) return;
  const url = hash || location.pathname + location.search;
  try {
    if (step) history.pushState(null, "", url);
    else history.replaceState(null, "", url);
  } catch {
    // Browsers limit how often the address may change, and a sandboxed frame may not change it at all.
  }
}
