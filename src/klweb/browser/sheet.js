// @ts-check
// A picture on its way out of the page: with the figure's title above it, and below it where it comes from.

/**
 * @typedef {import("./painter.js").Scene} Scene
 * @typedef {import("./painter.js").Mark} Mark
 * @typedef {(text: string, look: {size: number, bold?: boolean, italic?: boolean}) => number} Measure the width of a text
 */

const MARGIN = 14;
const TITLE = { size: 17, bold: true };
const CREDIT = { size: 12 };
/** The distance of two lines of text, over their size. */
const LEADING = 1.3;

/**
 * @param {Scene} scene
 * @param {{title: string, credit: string}} words
 * @param {Measure} measure
 * @returns {Scene}
 */
export function sheet(scene, { title, credit }, measure) {
  const room = scene.width - 2 * MARGIN;
  const top = MARGIN + TITLE.size;
  const titles = lines(title, room, (text) => measure(text, TITLE));
  const picture = top + (titles.length - 1) * TITLE.size * LEADING + MARGIN;
  const bottom = picture + scene.height + CREDIT.size + 4;
  const credits = lines(credit, room, (text) => measure(text, CREDIT));
  const height = Math.ceil(bottom + (credits.length - 1) * CREDIT.size * LEADING + MARGIN);
  const { width } = scene;
  return {
    width,
    height,
    marks: [
      { mark: "rect", x: 0, y: 0, w: width, h: height, fill: "paper" },
      ...titles.map((text, i) => ({ mark: "text", x: MARGIN, y: top + i * TITLE.size * LEADING, text, ...TITLE })),
      ...scene.marks.map((mark) => lowered(mark, picture)),
      ...credits.map((text, i) => (
        { mark: "text", x: MARGIN, y: bottom + i * CREDIT.size * LEADING, text, fill: "muted", ...CREDIT })),
    ],
  };
}

/**
 * @param {Mark} mark
 * @param {number} by
 * @returns {Mark}
 */
function lowered(mark, by) {
  const moved = { ...mark };
  for (const field of ["y", "y1", "y2"]) if (field in mark) moved[field] += by;
  if (mark.points) moved.points = mark.points.map((/** @type {number} */ value, /** @type {number} */ i) => value + (i % 2) * by);
  return moved;
}

/**
 * Break a text into lines; a word that is too long for one, such as an address, is broken, too.
 * @param {string} text
 * @param {number} room
 * @param {(text: string) => number} widthOf
 */
export function lines(text, room, widthOf) {
  /** @type {string[]} */
  const result = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && widthOf(`${line} ${word}`) <= room) line += ` ${word}`;
    else {
      if (line) result.push(line);
      line = word;
    }
    while (widthOf(line) > room && line.length > 1) {
      let end = line.length - 1;
      while (end > 1 && widthOf(line.slice(0, end)) > room) end -= 1;
      result.push(line.slice(0, end));
      line = line.slice(end);
    }
  }
  return [...result, line];
}
