// @ts-check
/**
 * Whether an answer can be shown, asked where it came through somebody else's page and may be nobody's who knows Python.
 *
 * Every field that is drawn, written or kept has to be of its kind. What it says is only ever text or paint.
 */

/** @typedef {(value: any) => boolean} Check */

/** The fields of each mark that cannot be left out: numbers, and texts. */
const MARKS = /** @type {Record<string, [string, string]>} */ ({
  rect: ["x y w h", ""],
  line: ["x1 y1 x2 y2", ""],
  path: ["", ""],
  text: ["x y", "text"],
  dot: ["x y r", ""],
  handle: ["x y w h at_low at_high low high step value", "name label axis value_text"],
  spot: ["x y w h", "name label"],
});
/** The largest picture is some 720 units wide. */
const MOST_UNITS = 5000;

/** @type {Check} */
const isText = (value) => typeof value === "string";
/** @type {Check} */
const isPlain = (value) => value === null || isText(value) || typeof value === "boolean" || Number.isFinite(value);
/** @type {Check} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @type {Check} as controls are called, which are looked for by name */
const isName = (value) => isText(value) && /^[\w.-]+$/.test(value);
/** @type {(check: Check) => Check} */
const listOf = (check) => (value) => Array.isArray(value) && value.every(check);
/** @type {(names: string, check: Check) => Check} */
const fields = (names, check) => (value) => isRecord(value)
  && names.split(" ").every((name) => !name || (Object.hasOwn(value, name) && check(value[name])));

/** @type {Check} */
function isMark(mark) {
  if (!isRecord(mark) || !isText(mark.mark) || !Object.hasOwn(MARKS, mark.mark)) return false;
  const [numbers, texts] = MARKS[mark.mark];
  return fields(numbers, Number.isFinite)(mark) && fields(texts, isText)(mark)
    && (mark.mark !== "path" || Array.isArray(mark.points)) && (mark.name === undefined || isName(mark.name))
    && Object.values(mark).every((field) => isPlain(field) || listOf(Number.isFinite)(field))
    && !(mark.r < 0) && !(mark.radius < 0);
}

/** @type {Check} */
const isSize = (value) => Number.isFinite(value) && value > 0 && value < MOST_UNITS;
/** @type {Check} */
const isScene = (value) => fields("width height", isSize)(value) && listOf(isMark)(value.marks);
/** @type {Check} */
const isTable = (value) => fields("caption", isText)(value) && listOf(isText)(value.head) && listOf(listOf(isText))(value.rows);
/** @type {Check} */
const isState = (value) => isRecord(value)
  && Object.entries(value).every(([name, item]) => isName(name) && (isPlain(item) || listOf(isPlain)(item)));
/** @type {Check} */
const isPair = (value) => value === undefined || fields("p q", listOf(Number.isFinite))(value);
/** @type {Check} */
const areRefusals = (value) => value === undefined || listOf(fields("field message", isText))(value);

/**
 * @param {unknown} answer what `klweb.live` is said to have answered
 * @param {Set<string>} readouts the names of those that the figure has
 * @returns {boolean}
 */
export function isAnswer(answer, readouts) {
  const { ok, error, state, link, view, pair, errors, answers } = /** @type {any} */ (isRecord(answer) ? answer : {});
  if (ok === false) return fields("message", isText)(error);
  if (ok === true && answers !== undefined) return listOf((one) => isAnswer(one, readouts))(answers);
  return ok === true && isState(state) && isText(link) && isPair(pair) && areRefusals(errors)
    && isRecord(view) && isScene(view.scene) && isText(view.summary) && isTable(view.table)
    && listOf(fields("name value text detail", isText))(view.readouts)
    && view.readouts.every((/** @type {{name: string}} */ { name }) => readouts.has(name));
}
