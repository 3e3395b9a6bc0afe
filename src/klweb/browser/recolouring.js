// @ts-check

/**
 * Paint pictures again whenever their colours or letters become others.
 * @param {Iterable<import("./figure.js").Figure>} figures
 */
export function recolourWhenAsked(figures) {
  const all = [...figures];
  const recolour = () => all.forEach(({ picture }) => picture.recolour());
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "print"]) {
    matchMedia(query).addEventListener("change", recolour);
  }
  document.addEventListener("klweb:theme", recolour);
  void document.fonts.ready.then(recolour);
}
