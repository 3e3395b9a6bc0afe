// @ts-check

/**
 * Set text in which p and q are coloured where they stand alone, as the pages' own text is.
 * @param {Element} element
 * @param {string} text
 */
export function setLetters(element, text) {
  if (element.textContent === text) return;
  const parts = text.split(/(?<![\p{L}\p{N}_’])([pq])(?![\p{L}\p{N}_’])/u);
  element.replaceChildren(
    ...parts.map((part, index) => {
      if (index % 2 === 0) return part;
      const letter = document.createElement("i");
      letter.className = part;
      letter.textContent = part;
      return letter;
    }),
  );
}
