// @ts-check
/**
 * What a reader knows, wants to know, and has practised. Nothing is ever locked, and nothing leaves this browser unless
 * the reader takes it along, as a file or a link.
 *
 * Every change is made to what is stored at that moment, so that several tabs of the site keep one set of marks. Names that
 * an earlier release used are read as today's; names that this release does not know are kept for one that does.
 */

import { BOXES, MOST, MarksError, isName, isNewer, noMarks, read, toLink, toText, union } from "./marks.js";
import { KEY, Store } from "./store.js";

/** @typedef {import("./marks.js").Marks} Marks */
/** @typedef {import("./marks.js").Practised} Practised */

/**
 * @typedef {object} Topic an entry of the build's list, which is in an order in which it can be learnt
 * @property {string} id
 * @property {string} title
 * @property {string} level
 * @property {number} minutes what it takes once its needs are known
 * @property {string} summary
 * @property {string[]} keywords
 * @property {string} url
 * @property {Record<string, string>} needs what it rests on directly, and why
 * @property {string} below a bit mask over the list: what it rests on, directly or not
 * @property {number} depth
 * @property {boolean} practice whether there are questions on it
 * @property {string[]} was names that it had in earlier releases
 */

/** @typedef {{version: 1, known: string[], goals: string[], practice: Record<string, Practised>}} State */
/** @typedef {{id: string, title: string, why: string}} Reason what needs a topic, and why */
/** @typedef {{topic: Topic, ready: boolean, why: Reason[]}} Step */
/** @typedef {"know" | "unknow" | "goal" | "drop" | "merge" | "forget"} Kind */
/** @typedef {{kind: Kind, ids: string[]}} Change */

/** How many changes can be taken back. */
const MEMORY = 50;

const DAY = 86_400_000;
/** How long a question rests in each box. */
const REST = [DAY / 144, ...[1, 3, 7, 21, 60].map((days) => days * DAY)];

export class Learner {
  /** @type {Map<string, number>} id → place in the list, and bit of the masks */
  #places;
  /** @type {Map<string, string>} */
  #renamed;
  /** @type {bigint[]} */
  #below;
  #marks = noMarks();
  /** @type {Store} */
  #store;
  /** @type {(Change & {before: Marks, after: Marks})[]} */
  #past = [];
  /** @type {Set<(learner: Learner) => void>} */
  #listeners = new Set();

  /**
   * @param {Topic[]} topics
   * @param {() => import("./store.js").Shelf} [storage] may throw
   * @param {() => number} [now]
   */
  constructor(topics, storage = () => localStorage, now = Date.now) {
    this.topics = topics;
    this.now = now;
    this.#places = new Map(topics.map(({ id }, place) => [id, place]));
    this.#renamed = new Map(topics.flatMap(({ id, was }) => was.map((old) => [old, id])));
    this.#below = topics.map(({ below }) => BigInt(below));
    this.#store = new Store(storage, (id) => this.#places.has(id));
    this.refresh();
    // Another tab changed something; or this page comes back from where nobody told it. (Tests have no window.)
    globalThis.window?.addEventListener("storage", ({ key }) => { if (key === KEY) this.refresh(); });
    globalThis.window?.addEventListener("pageshow", ({ persisted }) => { if (persisted) this.refresh(); });
  }

  /** @returns {State} */
  get state() {
    const { known, goals, practice } = this.#marks;
    return {
      version: 1,
      known: this.topics.filter(({ id }) => known.has(id)).map(({ id }) => id),
      goals: [...goals].filter((id) => this.#places.has(id)),
      practice: Object.fromEntries(practice),
    };
  }

  /** Whether what is marked will be there at the next visit. */
  get kept() {
    return !this.#store.fault;
  }

  /** Whether the storage holds what a newer release wrote, which is left alone. */
  get isOutdated() {
    return this.#store.fault === "newer";
  }

  /** Whether nothing at all is marked. */
  get isEmpty() {
    const { known, goals, practice } = this.#marks;
    return !(known.size + goals.size + practice.size);
  }

  /** The change that `undo` would take back. @returns {Change | undefined} */
  get lastChange() {
    return this.#past.at(-1);
  }

  /**
   * Have a listener called now and after each change, also one that another tab made.
   * @param {(learner: Learner) => void} listener
   * @returns {() => void} what ends it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    listener(this);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * @param {string} id of today or of an earlier release
   * @returns {Topic}
   * @throws {RangeError} where there is no such topic
   */
  topic(id) {
    return this.topics[this.#place(id)];
  }

  // ── known ──────────────────────────────────────────────────────────────────────────────────

  /** @param {string} id */
  isKnown(id) {
    return this.#marks.known.has(this.#resolve(id));
  }

  /** @param {string[]} ids */
  know(...ids) {
    this.#change("know", ids, ({ known }, names) => names.forEach((name) => known.add(name)));
  }

  /** Take marks back; what rests on these topics stays as it is. @param {string[]} ids */
  unknow(...ids) {
    this.#change("unknow", ids, ({ known }, names) => names.forEach((name) => known.delete(name)));
  }

  /**
   * @param {string} id
   * @returns {string[]} what it rests on, directly or not, in order
   */
  below(id) {
    return this.#list(this.#below[this.#place(id)]).map((topic) => topic.id);
  }

  /**
   * @param {string} id
   * @returns {string[]} what of that is not marked as known
   */
  missingBelow(id) {
    return this.#list(this.#below[this.#place(id)] & ~this.#known()).map((topic) => topic.id);
  }

  // ── goals ──────────────────────────────────────────────────────────────────────────────────

  /** @param {string} id */
  addGoal(id) {
    this.#change("goal", [id], ({ goals }, [name]) => goals.add(name));
  }

  /** @param {string} id */
  dropGoal(id) {
    this.#change("drop", [id], ({ goals }, [name]) => goals.delete(name));
  }

  /** @param {string} id */
  isGoal(id) {
    return this.#marks.goals.has(this.#resolve(id));
  }

  /**
   * What is left to learn for some goals, in an order in which it can be learnt. Each step says what on the way needs it;
   * where all of that is known already, though the step is not, it says that.
   * @param {string[]} [goals]
   * @returns {Step[]}
   */
  path(goals = this.state.goals) {
    const known = this.#known();
    const wanted = this.#closure(goals);
    const left = this.#list(wanted & ~known);
    /** @type {Map<string, Topic[]>} */
    const users = new Map();
    for (const topic of this.#list(wanted)) {
      for (const need of Object.keys(topic.needs)) users.set(need, [...(users.get(need) ?? []), topic]);
    }
    return left.map((topic) => {
      const all = users.get(topic.id) ?? [];
      const ahead = all.filter(({ id }) => !this.isKnown(id));
      const isGoal = goals.some((goal) => this.#resolve(goal) === topic.id);
      const why = (ahead.length || isGoal ? ahead : all).map(({ id, title, needs }) => ({ id, title, why: needs[topic.id] }));
      return { topic, ready: Object.keys(topic.needs).every((need) => this.isKnown(need)), why };
    });
  }

  /**
   * @param {string[]} [goals]
   * @returns {{done: number, total: number, minutesLeft: number}} counted over the goals and all that they rest on
   */
  progress(goals = this.state.goals) {
    const wanted = this.#closure(goals);
    const left = this.#list(wanted & ~this.#known());
    const total = this.#list(wanted).length;
    return { done: total - left.length, total, minutesLeft: left.reduce((sum, { minutes }) => sum + minutes, 0) };
  }

  // ── practice ───────────────────────────────────────────────────────────────────────────────

  /**
   * Remember an answer. A wrong one is asked again in ten minutes; a right one when it was due, after a longer rest each
   * time. A right one ahead of time moves nothing: it tells only that the solution was just read.
   * @param {string} question
   * @param {boolean} right
   * @throws {RangeError} where that is no question's name
   */
  practised(question, right) {
    if (!isName(question)) throw new RangeError("That is no question’s name.");
    const marks = copyOf(this.#newest());
    const now = this.now();
    const before = marks.practice.get(question);
    let { box, due, seen, right: hits, missed } = before ?? { box: 0, due: 0, seen: 0, right: 0, missed: false };
    if (!right) [box, due] = [0, now + REST[0]];
    else if (!box || due <= now) {
      box = Math.min(box + 1, BOXES - 1);
      due = now + REST[box];
    }
    marks.practice.set(question, { box, due, seen: seen + 1, right: hits + Number(right), last: now, missed: missed || !right });
    this.#put(marks);
  }

  /**
   * @param {number} [now]
   * @returns {string[]} questions that were missed once and are due, the longest due first
   */
  due(now = this.now()) {
    return [...this.#marks.practice]
      .filter(([, { missed, due }]) => missed && due <= now)
      .sort(([, one], [, other]) => one.due - other.due)
      .map(([question]) => question);
  }

  // ── coming and going ───────────────────────────────────────────────────────────────────────

  /** Return everything as the text of a file. */
  export() {
    return `${toText(this.#marks, (id) => this.#places.has(id), 2)}\n`;
  }

  /** Return everything as an address's fragment. */
  link() {
    return toLink(this.#marks);
  }

  /**
   * Say what a file's or a link's text holds, and how much of it would be new here.
   * @param {string} text
   * @returns {{known: string[], goals: string[], practice: string[], unknown: string[], added: number}}
   * @throws {MarksError} with a sentence for the reader
   */
  inspect(text) {
    const marks = this.#today(read(text));
    const names = (/** @type {Set<string>} */ part) => [...part].filter((id) => this.#places.has(id));
    const unknown = new Set([...marks.known, ...marks.goals].filter((id) => !this.#places.has(id)));
    const added = [...marks.known].filter((id) => !this.#marks.known.has(id)).length
      + [...marks.goals].filter((id) => !this.#marks.goals.has(id)).length
      + [...marks.practice].filter(([question, record]) => {
        const mine = this.#marks.practice.get(question);
        return !mine || isNewer(record, mine);
      }).length;
    return {
      known: names(marks.known), goals: names(marks.goals), practice: [...marks.practice.keys()], unknown: [...unknown], added,
    };
  }

  /**
   * Add what a file's or a link's text holds to what is marked: nothing is taken away, and of each question the newer
   * record stays.
   * @param {string} text
   * @returns {{added: number, unknown: string[]}} how many marks and records are new, and the names of topics that this
   *   release does not know
   * @throws {MarksError} with a sentence for the reader; then nothing has changed
   */
  merge(text) {
    this.refresh();
    const { added, unknown } = this.inspect(text);
    const together = union(this.#marks, this.#today(read(text)));
    for (const part of /** @type {const} */ (["known", "goals", "practice"])) {
      if (together[part].size > MOST[part]) throw new MarksError("Together with yours, these marks would be more than can be kept.");
    }
    if (added) this.#remember("merge", [], together);
    return { added, unknown };
  }

  /** Forget everything, also what could not be read once. */
  forget() {
    if (!this.isEmpty) this.#remember("forget", [], noMarks());
    this.#store.clear();
  }

  /**
   * Take the last change back, on this page; what changed elsewhere since then stays, and so do answers to questions.
   * @returns {Change | undefined} what was taken back
   */
  undo() {
    const last = this.#past.pop();
    if (last) this.#put(without(this.#newest(), last));
    return last;
  }

  /** Read again what is stored. */
  refresh() {
    const stored = this.#store.read();
    if (!stored) return;
    const marks = this.#today(stored);
    // What this page could not store is not lost either.
    this.#marks = this.kept ? marks : union(this.#marks, marks);
    this.#tell();
  }

  // ── within ─────────────────────────────────────────────────────────────────────────────────

  /** @param {string} id */
  #resolve(id) {
    return this.#renamed.get(id) ?? id;
  }

  /** @param {string} id */
  #place(id) {
    const place = this.#places.get(this.#resolve(id));
    if (place === undefined) throw new RangeError(`There is no topic “${id}”.`);
    return place;
  }

  /** @param {Iterable<string>} ids */
  #mask(ids) {
    let mask = 0n;
    for (const id of ids) mask |= 1n << BigInt(this.#place(id));
    return mask;
  }

  #known() {
    return this.#mask([...this.#marks.known].filter((id) => this.#places.has(id)));
  }

  /** Goals and all that they rest on. @param {string[]} goals */
  #closure(goals) {
    return goals.reduce((mask, goal) => mask | this.#below[this.#place(goal)], this.#mask(goals));
  }

  /** @param {bigint} mask */
  #list(mask) {
    return this.topics.filter((_, place) => (mask >> BigInt(place)) & 1n);
  }

  /** Use today's names. @param {Marks} marks @returns {Marks} */
  #today({ known, goals, practice }) {
    const rename = (/** @type {Set<string>} */ names) => new Set([...names].map((name) => this.#resolve(name)));
    return { known: rename(known), goals: rename(goals), practice };
  }

  /**
   * @param {Kind} kind
   * @param {string[]} ids
   * @param {(marks: Marks, names: string[]) => void} edit
   */
  #change(kind, ids, edit) {
    const names = ids.map((id) => this.topic(id).id);
    const marks = copyOf(this.#newest());
    edit(marks, names);
    const { known, goals } = this.#marks;
    const isSame = marks.known.size === known.size && marks.goals.size === goals.size;
    // A change only adds or only removes.
    if (!isSame) this.#remember(kind, names, marks);
  }

  /**
   * @param {Kind} kind
   * @param {string[]} ids
   * @param {Marks} after
   */
  #remember(kind, ids, after) {
    this.#past = [...this.#past, { kind, ids, before: this.#marks, after }].slice(-MEMORY);
    this.#put(after);
  }

  /** What is marked, with what other tabs did to it since this one was told. */
  #newest() {
    this.refresh();
    return this.#marks;
  }

  /** @param {Marks} marks */
  #put(marks) {
    this.#marks = marks;
    this.#store.write(marks);
    this.#tell();
  }

  #tell() {
    for (const listener of this.#listeners) listener(this);
  }
}

/**
 * Fetch the topics, and open what this browser keeps.
 * @param {{topics: string}} learning where the build put the list
 * @returns {Promise<Learner>} its topics' addresses are complete
 */
export async function openLearner({ topics: path }) {
  const address = new URL(path, document.baseURI);
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(`The topics could not be loaded: the server answers ${response.status}.`);
  /** @type {{topics: Topic[]}} */
  const { topics } = await response.json();
  // The file lies one folder below the site's root, which the addresses in it are relative to.
  return new Learner(topics.map((topic) => ({ ...topic, url: new URL(`../${topic.url}`, address).href })));
}

/** @param {Marks} marks @returns {Marks} */
function copyOf({ known, goals, practice }) {
  return { known: new Set(known), goals: new Set(goals), practice: new Map(practice) };
}

/**
 * Take out what a change brought, and bring back what it took out.
 * @param {Marks} marks
 * @param {{before: Marks, after: Marks}} change
 * @returns {Marks}
 */
function without(marks, { before, after }) {
  const mend = (/** @type {"known" | "goals"} */ part) => {
    const [was, became, is] = [before[part], after[part], marks[part]];
    const isLeft = (/** @type {string} */ name) => (was.has(name) ? is.has(name) || !became.has(name) : !became.has(name));
    return new Set([...was, ...is].filter(isLeft));
  };
  const practice = new Map(marks.practice);
  for (const name of new Set([...before.practice.keys(), ...after.practice.keys()])) {
    const [was, became] = [before.practice.get(name), after.practice.get(name)];
    // An answer given since then is newer than either.
    if (was === became || JSON.stringify(practice.get(name)) !== JSON.stringify(became)) continue;
    if (was) practice.set(name, was);
    else practice.delete(name);
  }
  return { known: mend("known"), goals: mend("goals"), practice };
}
