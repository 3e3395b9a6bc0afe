// @ts-check
// What pages that embed figures, and the script that does it for them, have to know: addresses, and what figures say.

/** What may be asked of an embed page, in its address. */
export const OPTIONS = ["preset", "state", "hide", "lock", "theme", "ask"];
/** As many characters of a question as an embed page shows. */
export const MOST_ASKED = 300;

/** Taller than any figure with all its numbers open; what asks for more is no figure of ours. */
const TALLEST_PX = 20_000;

/**
 * Return the address of a figure's embed page.
 * @param {string} site where the site is, with a slash at its end
 * @param {string} widget
 * @param {(option: string) => string | null | undefined} get an option, where one was given
 * @returns {string | null} null if that names no place
 */
export function addressOf(site, widget, get) {
  if (!/^[a-z][a-z0-9-]*$/.test(widget)) return null;
  try {
    const url = new URL(`embed/${widget}/`, site);
    for (const option of OPTIONS) {
      const value = get(option);
      if (value) url.searchParams.set(option, value);
    }
    return /^(https?|file):$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** How a frame sees, before anybody has spoken to it, that it is one of embed.js's. */
export const FRAME_NAME = "klweb-embedded";
/** What figures on one page say to each other of the Python that they share; shared.js has what it means. */
export const WORDS = ["offer", "gone", "join", "doubt"];
/** @typedef {"offer" | "gone" | "join" | "doubt"} Word */

/**
 * @typedef {object} Said a message of a figure
 * @property {string} type
 * @property {string} [title]
 * @property {number} [height]
 * @property {string} [python] which Python it could share, with `ready`
 * @property {Word} [word] with `python`
 */

/**
 * Read what came from a frame.
 * @param {unknown} data
 * @returns {Said | null} null if it is no message of a figure
 */
export function readFromFigure(data) {
  if (typeof data !== "object" || data === null) return null;
  const { source, version, type, height, title, python, word } = /** @type {Record<string, any>} */ (data);
  if (source !== "klweb" || version !== 1 || typeof type !== "string" || !/^[a-z]{1,20}$/.test(type)) return null;
  if (type === "resize" && !(typeof height === "number" && height > 0 && height < TALLEST_PX)) return null;
  if ([title, python].some((text) => text !== undefined && typeof text !== "string")) return null;
  if (type === "python" && !WORDS.includes(word)) return null;
  return /** @type {Said} */ (data);
}
