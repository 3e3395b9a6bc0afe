// @ts-check
/**
 * The pages of topics, brought to life: a topic's own page, and the map of all. Whatever of it a page holds is set up.
 */

import { find, makeLink } from "./elements.js";
import { Finder } from "./finder.js";
import { save, setUpArrival, setUpKeeping } from "./keeping.js";
import { setLetters } from "./letters.js";
import { findMap } from "./mapping.js";
import { Marking } from "./marking.js";
import { Path } from "./path.js";
import { count, duration } from "./words.js";

/** @typedef {import("./learner.js").Learner} Learner */
/** @typedef {import("./figure.js").Figure} Figure */

/**
 * @param {object} page
 * @param {Learner} page.learner
 * @param {(element: Element) => Figure | undefined} page.getFigure
 */
export function setUpTopics({ learner, getFigure }) {
  const marking = new Marking(learner);
  const map = findMap(getFigure, marking);
  const showInMap = map && ((/** @type {string} */ id) => map.show(id));
  /** @type {Record<string, (element: HTMLElement) => void>} */
  const parts = {
    marks: (element) => setUpMarks(element, marking),
    path: (element) => void new Path(element, marking),
    find: (element) => void new Finder(element, marking, showInMap),
    "map-topic": (element) => void map?.tellAbout(element),
    keep: (element) => setUpKeeping(element, marking),
    arrived: (element) => setUpArrival(element, marking),
    unkept: (element) => marking.tellIfUnkept(element, () => save(learner)),
  };
  for (const [name, setUp] of Object.entries(parts)) {
    const element = find(document, `[data-${name}]`);
    if (element) setUp(element);
  }
}

/**
 * Say on a topic's page how a reader stands to it.
 * @param {HTMLElement} section
 * @param {import("./marking.js").Marking} marking
 */
function setUpMarks(section, { learner }) {
  const id = section.dataset.topic ?? "";
  const [status, next] = ["status", "next"].map((name) => find(section, `[data-${name}]`));
  learner.subscribe(() => {
    const { goals } = learner.state;
    const words = [standing(learner, id), goals.length ? progress(learner, goals) : ""].join(" ").trim();
    if (status.textContent !== words) setLetters(status, words);
    const step = learner.path().find(({ ready, topic }) => ready && topic.id !== id)?.topic;
    next.hidden = !goals.length;
    next.replaceChildren(...(step ? ["Ready next: ", makeLink(step.title, step.url), ". "] : []),
      makeLink("Your path", new URL("../#path", learner.topic(id).url).href));
  });
}

/**
 * Say what a reader knows of a topic and of what it rests on.
 * @param {Learner} learner
 * @param {string} id
 */
export function standing(learner, id) {
  const [below, missing] = [learner.below(id).length, learner.missingBelow(id).length];
  const marked = below - missing || "none";
  if (learner.isKnown(id)) {
    return missing ? `You know this; of the ${count(below, "topic")} that it rests on, you have marked ${marked}.` : "You know this.";
  }
  if (!below) return "It rests on nothing else: you can begin here.";
  if (!missing) return "You know all that it rests on: you can learn it now.";
  return `It rests on ${count(below, "other topic")}, of which you have marked ${marked}.`;
}

/**
 * Say how far a reader is towards some goals.
 * @param {Learner} learner
 * @param {string[]} goals
 */
export function progress(learner, goals) {
  const { done, total, minutesLeft } = learner.progress(goals);
  const aim = goals.length === 1 ? learner.topic(goals[0]).title : `your ${goals.length} goals`;
  if (done === total) return `You have reached ${aim}.`;
  return `Towards ${aim}: ${done} of ${count(total, "topic")} known, ${duration(minutesLeft)} left.`;
}
