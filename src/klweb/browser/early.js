// @ts-check
/**
 * Runs before the page is laid out. What is off the screen is laid out when all that has settled.
 *
 * The build joins this with what it imports into one classic script: modules would come too late.
 */

import "./ahead.js"; // first: it takes longest to come
import "./lost.js";
import "./theme.js";

// A link into the page needs everything in its place at once.
if (!location.hash) {
  const { classList } = document.documentElement;
  classList.add("settling");
  const settle = () => classList.remove("settling");
  addEventListener("load", () => setTimeout(settle, 2000), { once: true });
  // What is pressed may lead to another place on the page, which has to be where it seems to be; inside a figure nothing does.
  addEventListener("click", ({ target }) => { if (!(target instanceof Element && target.closest("figure.widget"))) settle(); }, true);
}
