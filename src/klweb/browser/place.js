// @ts-check

/**
 * Return the address of the page that a figure belongs to; an embed's is the full page, to which its credit leads.
 * @param {HTMLElement} figure
 */
export function pageOf(figure) {
  const credit = /** @type {HTMLAnchorElement | null} */ (figure.querySelector(".credit a"));
  const url = new URL(credit?.href ?? location.href);
  url.hash = "";
  return url;
}
