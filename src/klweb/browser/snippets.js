// @ts-check
// What teachers paste into their pages: a figure with its options as a line of script, as a bare iframe, or as Markdown.

import { OPTIONS, addressOf } from "./embedding.js";

/**
 * @typedef {object} Wish a figure as it is wanted
 * @property {string} site where the site is, with a slash at its end
 * @property {string} widget
 * @property {string} title the figure's, in words
 * @property {Record<string, string>} options what is asked of the embed page; what is empty is left out
 */

/** What a figure in a bare frame may do: run, open its page as any link would, and save its pictures. */
export const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads";

/**
 * Return the address of the embed page that shows what is wanted.
 * @param {Wish} wish
 */
export function addressFor({ site, widget, options }) {
  return addressOf(site, widget, (option) => tidy(options[option] ?? ""));
}

/**
 * Return the line that becomes a frame as high as its figure.
 * @param {Wish} wish
 */
export function scriptFor({ site, widget, options }) {
  const given = OPTIONS.flatMap((option) => {
    const value = tidy(options[option] ?? "");
    return value ? [`data-${option}="${escape(value)}"`] : [];
  });
  const src = new URL("embed.js", site).href;
  return `<script async src="${escape(src)}" ${[`data-widget="${escape(widget)}"`, ...given].join(" ")}></script>`;
}

/**
 * Return a frame of fixed height, for pages that let no script in. `frameborder` is old, and is understood where styles
 * are taken out, or refused by a policy.
 * @param {Wish} wish
 * @param {{height: number, width?: number}} size in CSS pixels, with the width at which the height was measured
 */
export function iframeFor(wish, { height, width }) {
  const measured = width ? `the figure needs it where it is ${width} px wide` : "most figures need a little less";
  return `<!-- The height is fixed: ${measured}. Where it needs more, it scrolls in its frame. -->\n`
    + `<iframe src="${escape(addressFor(wish) ?? "")}" title="${escape(tidy(wish.title))}" width="100%" height="${height}" `
    + `loading="lazy" sandbox="${SANDBOX}" allow="clipboard-write" frameborder="0"></iframe>`;
}

/**
 * Return the line of script and a link below it. The link is Markdown's own, so that it also stands where HTML is left
 * out: in a PDF, in an e-book, in a preview that takes no HTML.
 * @param {Wish} wish
 */
export function markdownFor(wish) {
  const words = escape(tidy(wish.title)).replace(/[\\`*_[\]]/g, "\\$&");
  return `${scriptFor(wish)}\n\n[${words}](${addressFor(wish)})`;
}

/**
 * Make one line of a text, as an embed page would: an empty line would end HTML in Markdown.
 * @param {string} text
 */
function tidy(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** Braces mean something to generators that fill templates. @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "{": "&#123;", "}": "&#125;" };

/**
 * Write a text so that it means itself in HTML, between double quotes too.
 * @param {string} text
 */
function escape(text) {
  return text.replace(/[&<>"{}]/g, (character) => ENTITIES[character]);
}
