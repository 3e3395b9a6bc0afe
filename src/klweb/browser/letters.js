// @ts-check
// What changes in an element is only what differs: the browser lays out anew what was written, even if it is the same.

const LETTER = /(?<![\p{L}\p{N}_’])([pq]\u0302?)(?![\p{L}\p{N}_\u0302’])/u;

/**
 * Set text in which p, q and p̂ are coloured where they stand alone, as the pages' own text is.
 * @param {Element} element
 * @param {string} text
 */
export function setLetters(element, text) {
  if (element.textContent === text) return;
  // Most texts are numbers, and the pattern takes a millisecond to be made out.
  if (!/[pq]/.test(text)) return setText(element, text);
  const wanted = text.split(LETTER).flatMap((part, index) => (part ? [{ part, isLetter: index % 2 === 1 }] : []));
  // A sentence is mostly the one before with other numbers in it: its letters stay.
  const there = [...element.childNodes];
  const isAlike = there.length === wanted.length && wanted.every(({ part, isLetter }, index) =>
    there[index] instanceof Text !== isLetter && (!isLetter || there[index].textContent === part));
  if (isAlike) wanted.forEach(({ part, isLetter }, index) => { if (!isLetter) setData(/** @type {Text} */ (there[index]), part); });
  else element.replaceChildren(...wanted.map(({ part, isLetter }) => (isLetter ? letterOf(part) : part)));
}

/**
 * @param {string} text
 */
function letterOf(text) {
  const letter = document.createElement("i");
  letter.className = text[0];
  letter.textContent = text;
  return letter;
}

/**
 * Set text without letters of its own in an element that holds nothing else.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const { firstChild } = element;
  if (!(firstChild instanceof Text) || firstChild.nextSibling) element.textContent = text;
  else setData(firstChild, text);
}

/**
 * @param {Text} node
 * @param {string} text
 */
function setData(node, text) {
  if (node.data !== text) node.data = text;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number} value
 */
export function setAttribute(element, name, value) {
  const text = String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}
