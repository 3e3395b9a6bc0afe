// @ts-check

import { write } from "./address.js";

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

/**
 * Let a figure's credit lead to the full page in the state that the figure shows.
 * @param {import("./figure.js").Figure} figure
 */
export function leadOn({ element, name, firstPreset }) {
  const credit = /** @type {HTMLAnchorElement | null} */ (element.querySelector(".credit a"));
  element.addEventListener("klweb:state", (event) => {
    const { link } = /** @type {CustomEvent} */ (event).detail;
    if (credit) credit.hash = link === firstPreset ? element.id : write(new Map([[name, link]]));
  });
}
