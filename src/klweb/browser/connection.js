// @ts-check
// When to fetch what nobody has asked for yet.

/** Whether readers pay, in money or patience, for what they did not ask for. */
export function sparing() {
  const connection = /** @type {any} */ (navigator).connection;
  return Boolean(connection?.saveData) || /2g|3g/.test(connection?.effectiveType ?? "") || connection?.type === "cellular";
}

/**
 * Do something once the page has nothing better to do.
 * @param {() => void} work
 */
export function whenIdle(work) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 5000 });
  else setTimeout(work, 1200);
}

/**
 * Wait until what a reader has just asked for is painted, and nothing else that they do waits.
 * @param {number} [patience] for how many milliseconds others may go first
 * @returns {Promise<void>}
 */
export function painted(patience = 200) {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      if ("requestIdleCallback" in globalThis) requestIdleCallback(() => resolve(), { timeout: patience });
      else setTimeout(resolve);
    });
  });
}
