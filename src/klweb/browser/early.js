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
  addEventListener("load", () => setTimeout(() => classList.remove("settling"), 2000), { once: true });
}
