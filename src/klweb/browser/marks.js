// @ts-check
/**
 * What a reader has marked, as data and as text: in the browser's storage, in a file, in a link.
 *
 * All three are read as if a stranger had written them. What is read holds names and numbers of a known shape, and no
 * more of them than a page can bear.
 */

/**
 * @typedef {object} Practised what is remembered of one question; times in ms since 1970
 * @property {number} box how often it was right in a row when it was due, at most 5
 * @property {number} due when it is to be asked again
 * @property {number} seen how often it was answered
 * @property {number} right how often rightly
 * @property {number} last when it was answered last
 * @property {boolean} missed whether it was ever answered wrongly
 */

/**
 * @typedef {object} Marks names of topics, also of such as this release does not know, and records by question
 * @property {Set<string>} known
 * @property {Set<string>} goals in the order in which they were set
 * @property {Map<string, Practised>} practice
 */

/** @typedef {(sentence: string) => void} Refuse what becomes of an entry that cannot be read: it throws, or leaves it out */

export const VERSION = 1;
/** How much is read: many times what a reader can come to mark. */
export const MOST = { characters: 1_000_000, known: 2000, goals: 200, practice: 2000 };
export const BOXES = 6;

const NAME = /^[a-z0-9-]{1,80}$/;
/** The last moment that a Date can hold. */
const END_OF_TIME = 8.64e15;
/** Times in a link are minutes in base 36. */
const MINUTE = 60_000;

const LINK = /(?:^|[#&])learner=([^&\s]*)/;

/** A text that cannot be read, with a sentence for the reader. */
export class MarksError extends Error {
  /**
   * @param {string} sentence
   * @param {boolean} [isNewer] whether a newer release could read it
   */
  constructor(sentence, isNewer = false) {
    super(sentence);
    this.isNewer = isNewer;
  }
}

/** @returns {Marks} */
export function noMarks() {
  return { known: new Set(), goals: new Set(), practice: new Map() };
}

/** @param {unknown} name */
export function isName(name) {
  return typeof name === "string" && NAME.test(name);
}

/** Whether an address's fragment holds marks. @param {string} hash */
export function isLink(hash) {
  return LINK.test(hash);
}

/** @type {Refuse} */
function strictly(sentence) {
  throw new MarksError(`${sentence}.`);
}

/**
 * Read a file's text, or a link's.
 * @param {string} text
 * @param {Refuse} [refuse]
 * @returns {Marks}
 * @throws {MarksError} where it is something else, damaged, too long, or of a newer release
 */
export function read(text, refuse = strictly) {
  if (text.length > MOST.characters) throw new MarksError(`This is too long to be marks: ${text.length} characters.`);
  if (text.trimStart().startsWith("{")) return fromData(parsed(text), refuse);
  const found = LINK.exec(text.trim());
  if (!found) throw new MarksError("This is neither a file nor a link of marks from this site.");
  return fromLink(found[1], refuse);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new MarksError("This file is damaged or incomplete: it is not JSON.");
  }
}

/**
 * @param {unknown} version
 */
function checkVersion(version) {
  if (!Number.isSafeInteger(version) || Number(version) < 1) throw new MarksError("This holds no marks of this site: it has no version.");
  if (Number(version) > VERSION) {
    throw new MarksError("This was written by a newer release of the site: load this page again, then try once more.", true);
  }
}

/**
 * @param {any} data any JSON
 * @param {Refuse} refuse
 * @returns {Marks}
 */
function fromData(data, refuse) {
  checkVersion(data?.version);
  const marks = noMarks();
  for (const part of /** @type {const} */ (["known", "goals"])) {
    for (const source of [data[part], data.unknown?.[part]]) addNames(marks[part], source ?? [], part, refuse);
  }
  const records = data.practice ?? {};
  if (typeof records !== "object" || Array.isArray(records)) refuse("Its records of practice are no table");
  else for (const [name, record] of Object.entries(records)) addRecord(marks.practice, name, record, refuse);
  return marks;
}

/**
 * The parts of a link stand in a fixed order, joined by characters that no mail program changes.
 * @param {string} text
 * @param {Refuse} refuse
 * @returns {Marks}
 */
function fromLink(text, refuse) {
  const [version, known = "", goals = "", practice = "", ...rest] = text.split("_");
  checkVersion(/^[1-9]\d{0,5}$/.test(version) ? Number(version) : undefined);
  if (rest.length) refuse("This link has more parts than it should");
  const items = (/** @type {string} */ part) => (part ? part.split(".") : []);
  const marks = noMarks();
  addNames(marks.known, items(known), "known", refuse);
  addNames(marks.goals, items(goals), "goals", refuse);
  for (const item of items(practice)) {
    const [name, ...fields] = item.split("~");
    const [box, due, seen, right, last, missed] = fields.map((field) => (/^[a-z0-9]{1,10}$/.test(field) ? parseInt(field, 36) : NaN));
    const record = { box, due: due * MINUTE, seen, right, last: last * MINUTE, missed: missed === 1 };
    addRecord(marks.practice, name, fields.length === 6 ? record : undefined, refuse);
  }
  return marks;
}

/**
 * @param {Set<string>} names
 * @param {any} source
 * @param {"known" | "goals"} part
 * @param {Refuse} refuse
 */
function addNames(names, source, part, refuse) {
  const what = part === "known" ? "topics known" : "goals";
  if (!Array.isArray(source)) return refuse(`Its ${what} are no list`);
  for (const [index, name] of source.entries()) {
    if (names.size >= MOST[part]) return refuse(`It holds more than ${MOST[part]} ${what}`);
    if (isName(name)) names.add(name);
    else refuse(`Entry ${index + 1} of its ${what} is no topic’s name`);
  }
}

/**
 * @param {Map<string, Practised>} records
 * @param {string} name
 * @param {any} record
 * @param {Refuse} refuse
 */
function addRecord(records, name, record, refuse) {
  if (records.size >= MOST.practice) return refuse(`It holds more than ${MOST.practice} records of practice`);
  const { box, due, seen, right, last, missed } = record ?? {};
  const isTime = (/** @type {unknown} */ value) => typeof value === "number" && value >= 0 && value <= END_OF_TIME;
  const isCount = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0;
  const isSound = [box, seen, right].every(isCount) && box < BOXES && right <= seen
    && isTime(due) && isTime(last) && typeof missed === "boolean";
  if (isName(name) && isSound) records.set(name, { box, due, seen, right, last, missed });
  else refuse(`Record ${records.size + 1} of its practice is not as it should be`);
}

/**
 * Write marks as JSON; names that this release does not know stand apart, for one that does.
 * @param {Marks} marks
 * @param {(name: string) => boolean} isTopic
 * @param {number} [indent]
 */
export function toText({ known, goals, practice }, isTopic, indent) {
  const isOther = (/** @type {string} */ name) => !isTopic(name);
  return JSON.stringify({
    version: VERSION,
    known: [...known].filter(isTopic),
    goals: [...goals].filter(isTopic),
    practice: Object.fromEntries(practice),
    unknown: { known: [...known].filter(isOther), goals: [...goals].filter(isOther) },
  }, null, indent);
}

/**
 * Write marks as an address's fragment.
 * @param {Marks} marks
 */
export function toLink({ known, goals, practice }) {
  const minutes = (/** @type {number} */ ms) => Math.floor(ms / MINUTE);
  const records = [...practice].map(([name, { box, due, seen, right, last, missed }]) =>
    [name, ...[box, minutes(due), seen, right, minutes(last), Number(missed)].map((value) => value.toString(36))].join("~"));
  return `#learner=${[VERSION, [...known].join("."), [...goals].join("."), records.join(".")].join("_")}`;
}

/**
 * Put two readers' marks, or one reader's from two places, together: whatever either knows and wants, and of each question
 * the newer record. The order of the two decides nothing but that of the goals.
 * @param {Marks} one
 * @param {Marks} other
 * @returns {Marks}
 */
export function union(one, other) {
  const practice = new Map(one.practice);
  for (const [name, record] of other.practice) {
    const mine = practice.get(name);
    if (!mine || isNewer(record, mine)) practice.set(name, record);
  }
  return { known: new Set([...one.known, ...other.known]), goals: new Set([...one.goals, ...other.goals]), practice };
}

/**
 * @param {Practised} one
 * @param {Practised} other
 */
export function isNewer(one, other) {
  if (one.last !== other.last) return one.last > other.last;
  // Of the same moment, by whatever accident: any rule will do that does not ask which came first.
  return one.seen !== other.seen ? one.seen > other.seen : JSON.stringify(one) > JSON.stringify(other);
}
