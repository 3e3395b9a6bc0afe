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
  element.replaceChildren(
    ...text.split(LETTER).map((part, index) => {
      if (index % 2 === 0) return part;
      const letter = document.createElement("i");
      letter.className = part[0];
      letter.textContent = part;
      return letter;
    }),
  );
}

/**
 * Set text without letters of its own in an element that holds nothing else.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const { firstChild } = element;
  if (!(firstChild instanceof Text) || firstChild.nextSibling) element.textContent = text;
  else if (firstChild.data !== text) firstChild.data = text;
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
