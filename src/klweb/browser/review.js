// @ts-check
// The list of what is to be asked again: what was missed once comes back, after a while and then less and less often.

/** @typedef {import("./learner.js").Learner} Learner */

/**
 * @typedef {{id: string, topic: string, words: string}} Listed a question of the site, and its kind in words
 * @typedef {{url: string, text: string, when: string}} Entry
 * @typedef {{url: string, title: string, right: number, seen: number, total: number}} Count
 * @typedef {{due: Entry[], later: Entry[], topics: Count[]}} Review
 */

const EMPTY = "Nothing is to be reviewed yet. What you miss in practice comes back here, after a while and then less and less often.";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Keep a list of what is to be asked again: what is due now, what comes later, and how far each topic is.
 * @param {object} setting
 * @param {Learner} setting.learner
 * @param {Element} setting.element
 * @param {Listed[]} [setting.questions] all of the site; by default those that the page brings
 */
export function setUpReview({ learner, element, questions = JSON.parse(element.querySelector("script")?.textContent ?? "[]") }) {
  let shown = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;
  const show = () => {
    const review = reviewOf(learner, questions, Date.now());
    const text = JSON.stringify([review, learner.kept]);
    // What is the same stays, and with it a reader's place in it.
    if (text !== shown) element.replaceChildren(...elementsOf(review, learner.kept));
    shown = text;
    clearTimeout(next);
    next = setTimeout(show, 60_000);
  };
  learner.subscribe(show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) show(); });
}

/**
 * Say what is to be asked again, as of now. Records of questions that the site does not have (any more) are passed over.
 * @param {Pick<Learner, "state" | "due" | "topic">} learner
 * @param {Listed[]} questions
 * @param {number} now
 * @returns {Review}
 */
export function reviewOf(learner, questions, now) {
  const { practice } = learner.state;
  /** @type {Map<string, Listed[]>} */
  const topics = new Map();
  for (const question of questions) topics.set(question.topic, [...topics.get(question.topic) ?? [], question]);
  /** @param {string} id @returns {Entry[]} */
  const entry = (id) => {
    const question = questions.find((item) => item.id === id);
    if (!question) return [];
    const { title, url } = learner.topic(question.topic);
    const number = (topics.get(question.topic) ?? []).indexOf(question) + 1;
    const { due } = practice[id];
    const text = `${title}, question ${number}: ${question.words.toLowerCase()}`;
    return [{ url: `${url}#question-${id}`, text, when: due > now ? inWords(due - now) : "" }];
  };
  const later = Object.entries(practice).filter(([, { missed, due }]) => missed && due > now).sort(([, one], [, other]) => one.due - other.due);
  return {
    due: learner.due(now).flatMap(entry),
    later: later.flatMap(([id]) => entry(id)),
    topics: [...topics].map(([topic, items]) => {
      const records = items.flatMap(({ id }) => practice[id] ?? []);
      // A wrong answer puts a question back to the first box.
      const right = records.filter(({ box }) => box > 0).length;
      const { title, url } = learner.topic(topic);
      return { url, title, right, seen: records.length, total: items.length };
    }),
  };
}

/**
 * Say how long something is still to come, as people do.
 * @param {number} time in ms, above 0
 */
export function inWords(time) {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (time < HOUR) return words.format(Math.ceil(time / 60_000), "minute");
  if (time < 22 * HOUR) return words.format(Math.round(time / HOUR), "hour");
  if (time < 14 * DAY) return words.format(Math.round(time / DAY), "day");
  return words.format(Math.round(time / (7 * DAY)), "week");
}

/**
 * @param {Review} review
 * @param {boolean} isKept
 */
function elementsOf({ due, later, topics }, isKept) {
  const parts = [];
  if (due.length) parts.push(make("h3", "Due now"), makeList(due.map((item) => [link(item.url, item.text)])));
  else if (later.length) parts.push(make("h3", "Due now"), make("p", "Nothing is due now."));
  else parts.push(make("p", EMPTY));
  if (later.length) parts.push(make("h3", "Later"), makeList(later.map((item) => [link(item.url, item.text), ` ${item.when}`])));
  if (topics.length) {
    const counts = topics.map(({ url, title, right, seen, total }) => [
      link(url, title), seen ? ` ${right} of ${total} right` : ` ${total} ${total === 1 ? "question" : "questions"}`,
    ]);
    parts.push(make("h3", "By topic"), makeList(counts));
  }
  if (!isKept) parts.push(make("p", "What you answer cannot be kept here, so this list lasts only as long as this visit."));
  return parts;
}

/** @param {string} name @param {string} text */
function make(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** @param {string} url @param {string} text */
function link(url, text) {
  const element = document.createElement("a");
  element.href = url;
  element.textContent = text;
  return element;
}

/** @param {(Node | string)[][]} items each a link and what is said of it */
function makeList(items) {
  const list = document.createElement("ul");
  list.className = "review-list";
  list.append(...items.map(([first, ...rest]) => {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.append(...rest);
    item.append(first, words);
    return item;
  }));
  return list;
}
