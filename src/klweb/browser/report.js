// @ts-check
// What a figure says beside its picture: readouts, the sentence, which example this is, and the table.

import { setAttribute, setLetters, setText } from "./letters.js";

/**
 * @typedef {{name: string, value: string, text: string, detail: string}} Readout
 * @typedef {{caption: string, head: string[], rows: string[][]}} Table
 * @typedef {{scene: import("./painter.js").Scene, readouts: Readout[], summary: string, table: Table}} View
 */

const OWN_STATE = "Your own values. “Numbers, table and link” has a link to them.";

/**
 * The elements that say what a figure shows; looked up once, since an answer may come with every frame.
 */
class Parts {
  /**
   * @param {HTMLElement} figure
   */
  constructor(figure) {
    const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (figure.querySelector(selector));
    this.readouts = new Map(
      [.../** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("[data-readout]"))].map((output) => {
        const name = output.dataset.readout ?? "";
        return [name, { output, detail: find(`[data-detail="${name}"]`) }];
      }),
    );
    this.summary = find("[data-summary]");
    this.table = /** @type {HTMLTableElement} */ (find("[data-table]"));
    this.buttons = [.../** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("button[data-preset]"))];
    this.note = find("[data-preset-note]");
  }
}

/** @type {WeakMap<HTMLElement, Parts>} */
const known = new WeakMap();

/**
 * Say what a view shows.
 * @param {HTMLElement} figure
 * @param {View} view
 */
export function report(figure, view) {
  const parts = partsOf(figure);
  for (const item of view.readouts) showReadout(parts, item);
  setLetters(parts.summary, view.summary);
}

/**
 * Say which example is shown.
 * @param {HTMLElement} figure
 * @param {string} link the state's link text, which is a preset's name where the state is a preset's
 */
export function name(figure, link) {
  const { buttons, note } = partsOf(figure);
  const shown = buttons.find((button) => button.dataset.preset === link);
  for (const button of buttons) setAttribute(button, "aria-pressed", String(button === shown));
  setLetters(note, (shown ? shown.dataset.note : note.dataset.own) ?? OWN_STATE);
}

/**
 * Write the table of a view.
 * @param {HTMLElement} figure
 * @param {Table} table
 */
export function tabulate(figure, table) {
  showTable(partsOf(figure).table, table);
}

/**
 * @param {HTMLElement} figure
 */
function partsOf(figure) {
  const parts = known.get(figure) ?? new Parts(figure);
  known.set(figure, parts);
  return parts;
}

/**
 * @param {Parts} parts
 * @param {Readout} item
 */
function showReadout({ readouts }, item) {
  const { output, detail } = /** @type {{output: HTMLElement, detail: HTMLElement}} */ (readouts.get(item.name));
  if (output.dataset.value !== item.value) output.dataset.value = item.value;
  setText(output, item.text);
  setLetters(detail, item.detail);
}

/**
 * @param {HTMLTableElement} element
 * @param {Table} table
 */
function showTable(element, table) {
  setLetters(/** @type {Element} */ (element.caption), table.caption);
  const head = /** @type {HTMLTableSectionElement} */ (element.tHead);
  showRows(head, [table.head], () => "col");
  showRows(element.tBodies[0], table.rows, (index) => (index ? "" : "row"));
}

/**
 * Show rows of text in the cells that there are; rows and cells come and go only where their number changes.
 * @param {HTMLTableSectionElement} section
 * @param {string[][]} rows
 * @param {(index: number) => string} scopeOf what the cell in a column is the head of, if anything
 */
function showRows(section, rows, scopeOf) {
  while (section.rows.length > rows.length) section.deleteRow(-1);
  rows.forEach((cells, place) => {
    const row = section.rows[place] ?? section.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    cells.forEach((text, index) => {
      const scope = scopeOf(index);
      let cell = row.cells[index];
      if (!cell) {
        cell = document.createElement(scope ? "th" : "td");
        if (scope) cell.scope = scope;
        row.append(cell);
      }
      setLetters(cell, text);
    });
  });
}
