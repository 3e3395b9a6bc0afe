// @ts-check
// What a figure says beside its picture: readouts, the sentence, the table, and which example this is.

import { setLetters } from "./letters.js";

/**
 * @typedef {{name: string, value: string, text: string, detail: string}} Readout
 * @typedef {{caption: string, head: string[], rows: string[][]}} Table
 * @typedef {{scene: import("./painter.js").Scene, readouts: Readout[], summary: string, table: Table}} View
 */

const OWN_STATE = "Your own values. “Numbers, table and link” has a link to them.";

/**
 * Say what a view shows.
 * @param {HTMLElement} figure
 * @param {View} view
 * @param {string} link the state's link text, which is a preset's name where the state is a preset's
 */
export function report(figure, view, link) {
  for (const item of view.readouts) showReadout(figure, item);
  setLetters(/** @type {Element} */ (figure.querySelector("[data-summary]")), view.summary);
  showTable(/** @type {HTMLTableElement} */ (figure.querySelector("[data-table]")), view.table);
  showPreset(figure, link);
}

/**
 * @param {HTMLElement} figure
 * @param {Readout} item
 */
function showReadout(figure, item) {
  const output = /** @type {HTMLElement} */ (figure.querySelector(`[data-readout="${item.name}"]`));
  output.dataset.value = item.value;
  output.textContent = item.text;
  setLetters(/** @type {Element} */ (figure.querySelector(`[data-detail="${item.name}"]`)), item.detail);
}

/**
 * @param {HTMLElement} figure
 * @param {string} link
 */
function showPreset(figure, link) {
  let note = OWN_STATE;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("button[data-preset]"))) {
    const pressed = button.dataset.preset === link;
    button.setAttribute("aria-pressed", String(pressed));
    if (pressed) note = button.dataset.note ?? "";
  }
  setLetters(/** @type {Element} */ (figure.querySelector("[data-preset-note]")), note);
}

/**
 * @param {HTMLTableElement} element
 * @param {Table} table
 */
function showTable(element, table) {
  const row = (/** @type {string[]} */ cells, /** @type {boolean} */ head) => {
    const line = document.createElement("tr");
    cells.forEach((text, index) => {
      const cell = document.createElement(head || index === 0 ? "th" : "td");
      if (cell.tagName === "TH") cell.setAttribute("scope", head ? "col" : "row");
      setLetters(cell, text);
      line.append(cell);
    });
    return line;
  };
  setLetters(/** @type {Element} */ (element.caption), table.caption);
  element.tHead?.replaceChildren(row(table.head, true));
  element.tBodies[0].replaceChildren(...table.rows.map((cells) => row(cells, false)));
}
