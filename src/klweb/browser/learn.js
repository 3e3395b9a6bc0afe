// @ts-check
/**
 * What pages need where readers keep track of what they know: topics, and questions to practise on.
 *
 * A script of its own, which `host.js` fetches for those pages. It has the page's Python and figures from there.
 */

import { openLearner } from "./learner.js";
import { setUpPractice, setUpReview } from "./practice.js";
import { setUpTopics } from "./topics.js";

/**
 * @typedef {object} Page what the host lends
 * @property {{topics: string}} learning what the build says of the topics
 * @property {(request: {op: string, question: {id: string}, seed: number}) => Promise<any>} ask Python's answer
 * @property {(text: string) => void} put write the variant of a question into the address
 * @property {(element: Element) => import("./figure.js").Figure | undefined} getFigure the figure of an element
 */

/** @param {Page} page */
export async function begin({ learning, ask, put, getFigure }) {
  const learner = await openLearner(learning);
  setUpTopics({ learner, getFigure });
  setUpPractice({ learner, ask, put, getFigure });
  const review = document.querySelector("[data-review]");
  if (review) setUpReview({ learner, element: review });
}
