// @ts-check
/**
 * While a page comes up, what is off the screen is not laid out, and what is in figures far down is not even there: once a page
 * is read, Chromium looks at the fields of all its forms, and would lay them out for that, one after the other.
 *
 * Readers find everything in its place: a figure comes before it is reached, or when there is time for it, and all that is left bit by
 * bit from two seconds after the load, or at once if anything is done for which it has to be there.
 */

import { whenIdle } from "./connection.js";

/** The class of the document meanwhile, and of figures that are there all the same. */
const SETTLING = "settling";
const NEAR = "near";
/** The class of what is laid out wherever it is. */
const LAID = "laid";
const CALM_MS = 2000;
/** So many blocks of a page are laid out together; all of them would halt a slow phone. */
const BIT = 6;
const { classList } = document.documentElement;

/** What is far, as page.css has it. */
const far = () => document.querySelectorAll("article > .widget ~ .widget ~ .widget:not(.near)");

/** Lay out figures before a reader gets there. */
const approach = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) show(target);
}, { rootMargin: "50%" });

/** @param {Element} figure */
function show(figure) {
  figure.classList.add(NEAR);
  approach.unobserve(figure);
}

/** One figure after the other, each when there is time for it. */
function unfold() {
  const [next] = far();
  if (!next) return;
  show(next);
  whenIdle(unfold);
}

/** Show everything, as much at a time as no reader notices. */
function relax() {
  if (!classList.contains(SETTLING)) return;
  const rest = [...document.querySelectorAll("article > :not(.laid)")];
  for (const block of rest.slice(0, BIT)) block.classList.add(LAID, NEAR);
  if (rest.length <= BIT) settle();
  else whenIdle(relax);
}

/** Show everything at once. */
function settle() {
  classList.remove(SETTLING);
  approach.disconnect();
}

// A link into the page needs everything in its place at once, and so does a reader who comes back to where they were.
const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
if (!location.hash && visit?.type === "navigate") {
  classList.add(SETTLING);
  addEventListener("DOMContentLoaded", () => { for (const figure of far()) approach.observe(figure); }, { once: true });
  addEventListener("load", () => {
    whenIdle(unfold);
    // Safari does not say when there is time, and to guess it for each bit would take a long page half a minute.
    const rest = "requestIdleCallback" in globalThis ? relax : settle;
    setTimeout(rest, CALM_MS);
  }, { once: true });
  // What is pressed may lead to another place on the page, which has to be where it seems to be; inside a figure nothing does.
  addEventListener("click", ({ target }) => { if (!(target instanceof Element && target.closest("figure.widget"))) settle(); }, true);
  // So may keys: Tab to the next control, and a search to whatever is found.
  document.addEventListener("keydown", ({ key, ctrlKey, metaKey }) => { if (key === "Tab" || ctrlKey || metaKey) settle(); }, true);
}
