// @ts-check
/**
 * What a figure shows now, on its way out of the page: its picture, its table, its formula.
 *
 * A script of its own, which `host.js` fetches when a reader first asks for one of them. All of it is made here: nothing is
 * sent anywhere, and Python is not asked.
 */

import { write } from "./address.js";
import { csvOf } from "./csv.js";
import { paint, paletteOf } from "./painter.js";
import { pageOf } from "./place.js";
import { svgOf } from "./recorder.js";
import { saveFile } from "./saving.js";
import { sheet } from "./sheet.js";
import { sceneOf } from "./still.js";

/**
 * @typedef {import("./figure.js").Figure} Figure
 * @typedef {import("./painter.js").Palette} Palette
 * @typedef {import("./painter.js").Scene} Scene
 * @typedef {"light" | "dark"} Theme
 */

const SITE = "KL divergence";
/** Pixels of a PNG for each unit of the scene. */
const DENSITY = 2;
/** The faces that the page brings along under a name of its own, and what looks most like them elsewhere. */
const FONTS = '"Source Sans 3", "Source Sans Pro", Roboto, "Helvetica Neue", Arial, sans-serif';

/**
 * Do what a button is for.
 * @param {Figure} figure
 * @param {HTMLButtonElement} button
 * @returns {Promise<string>} a sentence that says what came of it
 */
export async function begin(figure, button) {
  const what = button.dataset.save;
  if (what === "formula") return copy(button.dataset.tex ?? "");
  if (what === "csv") return save(figure, new Blob([tableOf(figure)], { type: "text/csv;charset=utf-8;header=present" }), ".csv");
  const chosen = figure.element.querySelector("select[data-picture-theme]");
  const theme = /** @type {Theme} */ (chosen instanceof HTMLSelectElement && chosen.value || themeOf(figure.element));
  const end = `${theme === "dark" ? "-dark" : ""}.${what}`;
  return save(figure, await (what === "svg" ? drawing : pixels)(figure, theme), end);
}

/** @param {string} tex */
async function copy(tex) {
  try {
    await navigator.clipboard.writeText(tex);
    return "The formula is copied.";
  } catch {
    return `The formula: ${tex}`;
  }
}

/**
 * @param {Figure} figure
 * @param {Blob} content
 * @param {string} end of the file's name
 */
function save({ name, link, picture }, content, end) {
  const own = picture.isLive ? "own-values" : "pair-of-this-page";
  const file = `klweb-${name}-${link && !link.includes(":") ? link : own}${end}`;
  saveFile(content, file);
  // A sandboxed frame is told nothing of a download that it may not make.
  const isFramed = origin === "null" && location.protocol !== "file:";
  return isFramed ? `If ${file} is not among your downloads, the page around this figure allows none.` : `Saved as ${file}.`;
}

/**
 * Return the link to what is shown, or "" for a stop, whose link only Python can say, and for a file on the reader's own
 * disk. The pair of a page is shown by the page itself.
 * @param {Figure} figure
 */
function linkTo({ element, name, link, picture }) {
  const page = pageOf(element).href;
  if (!page.startsWith("http")) return "";
  if (link) return page + write(new Map([[name, link]]));
  return picture.isLive ? "" : page;
}

/** @param {Figure} figure */
function tableOf(figure) {
  const { element } = figure;
  const table = /** @type {HTMLTableElement} */ (element.querySelector("table[data-table]"));
  const rows = [...table.rows].map(({ cells }) => [...cells].map(({ textContent }) => textContent ?? ""));
  const readouts = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("output[data-readout]"));
  return csvOf(rows, [
    ...[...readouts].map(({ dataset }) => /** @type {[string, string]} */ ([dataset.readout, dataset.value])),
    ["caption", table.caption?.textContent ?? ""],
    ["link", linkTo(figure)],
  ]);
}

/**
 * @param {Figure} figure
 * @param {Theme} theme
 */
async function drawing(figure, theme) {
  const { scene, title, palette, measure } = await picture(figure, theme);
  const words = figure.element.querySelector("[data-summary]")?.textContent ?? "";
  const description = [words, linkTo(figure)].filter(Boolean).join(" ");
  return new Blob([svgOf(scene, { ...palette, font: FONTS }, { title, description }, measure)], { type: "image/svg+xml" });
}

/**
 * @param {Figure} figure
 * @param {Theme} theme
 * @returns {Promise<Blob>}
 */
async function pixels(figure, theme) {
  const { scene, palette } = await picture(figure, theme);
  const canvas = document.createElement("canvas");
  paint(canvas, scene, palette, DENSITY);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no picture of it"))), "image/png");
  });
}

/**
 * Return what is shown, with its title and where it comes from, and the colours of a theme.
 * @param {Figure} figure
 * @param {Theme} theme
 */
async function picture(figure, theme) {
  const { element, picture: { frame, stage, target } } = figure;
  const shown = target ?? sceneOf(/** @type {SVGSVGElement} */ (stage.querySelector(`svg[data-figure="${frame}"]`)));
  const title = element.querySelector(".widget-title")?.textContent ?? "";
  const { protocol, host, pathname } = pageOf(element);
  const credit = protocol.startsWith("http") ? `${SITE} · ${protocol}//${host}${pathname}` : SITE;
  const palette = paletteOf(stage, theme);
  // The page may not have shown these letters yet. Its own face comes first, and those that stand in for it may be missing.
  const [face] = palette.font.split(",");
  await Promise.allSettled(["", "600 "].map((weight) => document.fonts.load(`${weight}12px ${face}`, title + credit)));
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  /** @type {import("./sheet.js").Measure} */
  const measure = (text, { size, bold, italic }) => {
    context.font = `${italic ? "italic " : ""}${bold ? "600 " : ""}${size}px ${palette.font}`;
    return context.measureText(text).width;
  };
  return { scene: sheet(shown, { title, credit }, measure), title, palette, measure };
}

/**
 * Return the theme that an element is shown in.
 * @param {Element} element
 * @returns {Theme}
 */
function themeOf(element) {
  const { colorScheme } = getComputedStyle(element);
  const isDark = colorScheme.includes("light") && colorScheme.includes("dark")
    ? matchMedia("(prefers-color-scheme: dark)").matches : colorScheme.includes("dark");
  return isDark ? "dark" : "light";
}
