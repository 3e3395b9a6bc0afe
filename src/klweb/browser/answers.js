// @ts-check
// What a reader types as an answer: a number, a fraction or a small expression, perhaps with a unit. It is read by hand,
// never run as code, and compared with what Python computed.

/** @typedef {"" | "%" | "bits" | "nats"} Unit */
/** @typedef {{value: number, unit: Unit}} Quantity */
/** @typedef {{sort: "number" | "fraction" | "power" | "word" | "sign", text: string, value: number, at: number}} Token */

/** How many characters an answer may have. */
export const MOST = 100;

const TOKENS = new RegExp([
  String.raw`(?<number>(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+−-]?\d+)?)`,
  String.raw`(?<fraction>[¼-¾⅐-⅞])`,
  String.raw`(?<power>⁻?[⁰¹²³⁴-⁹]+)`,
  String.raw`(?<word>log_?(?:2|10)(?![\d.,])|log_?(?:₂|₁₀)|per\s?cent|(?:(?!π)\p{L})+)`,
  String.raw`(?<sign>\*\*|[-+−–*×·⋅∙/÷⁄∕^()√π∞%])`,
].join("|"), "iuy");

/** Ways to write a sign or a word → the one that is used here. Maps, since an object knows `constructor` as well. */
const SAME = new Map(Object.entries({
  "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "⁄": "/", "∕": "/", "**": "^", "√": "sqrt", "π": "pi",
  "∞": "infinity", inf: "infinity", lb: "log2", bit: "bits", nat: "nats", percent: "%", pct: "%",
}));
const CONSTANTS = new Map(Object.entries({ pi: Math.PI, e: Math.E, infinity: Infinity }));
const FUNCTIONS = new Map(Object.entries({ log2: Math.log2, ln: Math.log, log10: Math.log10, exp: Math.exp, sqrt: Math.sqrt }));

/** @type {readonly string[]} */
const UNITS = ["%", "bits", "nats"];

/** Why a text is no answer, in a sentence for readers. */
class Problem extends Error {}

/**
 * Read what a reader typed.
 * @param {string} text
 * @param {string} [own] the words that stand behind the field, which may be typed as well: `flips`
 * @returns {Quantity | {problem: string}}
 */
export function read(text, own = "") {
  try {
    return new Reader(text, own).read();
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message };
    throw error;
  }
}

/** @param {{text: string, at: number}} token */
const named = ({ text, at }) => `“${text}” at place ${at + 1}`;

/** @param {string} text @returns {Token[]} */
function split(text) {
  if (text.length > MOST) throw new Problem(`An answer has at most ${MOST} characters, and this one ${text.length}.`);
  const tokens = [];
  let at = /^\s*[=≈~]?\s*/u.exec(text)?.[0].length ?? 0;
  while (at < text.length) {
    TOKENS.lastIndex = at;
    const match = TOKENS.exec(text);
    if (!match?.groups) {
      const odd = named({ text: String.fromCodePoint(text.codePointAt(at) ?? 0), at });
      throw new Problem(`${odd} can’t be read here.`);
    }
    const sort = /** @type {Token["sort"]} */ (Object.keys(match.groups).find((key) => match.groups?.[key] !== undefined));
    tokens.push({ sort, text: match[0], value: valueOf(sort, match[0]), at });
    at = TOKENS.lastIndex;
    at += /^\s*/u.exec(text.slice(at))?.[0].length ?? 0;
  }
  return tokens;
}

/** @param {Token["sort"]} sort @param {string} text */
function valueOf(sort, text) {
  if (sort === "number") return Number(text.replace(",", ".").replace("−", "-"));
  if (sort === "power") return Number(text.normalize("NFKC").replace("−", "-"));
  if (sort !== "fraction") return NaN;
  const [above, below] = text.normalize("NFKC").split("⁄");
  return Number(above) / Number(below);
}

/** Computes while it reads: sum → product → signed → power → single, each binding closer than the one before. */
class Reader {
  /** @param {string} text @param {string} own */
  constructor(text, own) {
    this.text = text;
    this.own = own;
    this.tokens = split(text);
    this.place = 0;
  }

  read() {
    if (!this.tokens.length) throw new Problem("Type an answer first.");
    const value = this.#sum();
    const unit = this.#unit();
    const isInfinite = this.tokens.some((token) => this.#word(token) === "infinity");
    if (Number.isNaN(value)) throw new Problem("That expression has no value.");
    if (!Number.isFinite(value) && !isInfinite) throw new Problem("That number is too large. If you mean infinity, type ∞.");
    return { value, unit };
  }

  /** What stands next, in the one way of writing that is used here; nothing at the end. @param {Token | undefined} token */
  #word(token = this.tokens[this.place]) {
    if (token?.sort !== "word" && token?.sort !== "sign") return "";
    const word = token.text.toLowerCase().replace(/[\s_]/gu, "").replace("₂", "2").replace("₁₀", "10");
    return SAME.get(word) ?? word;
  }

  /** Take the next token if it is one of these signs. @param {string[]} signs */
  #take(...signs) {
    const word = this.#word();
    if (!word || !signs.includes(word)) return "";
    this.place += 1;
    return word;
  }

  /** @returns {number} */
  #sum() {
    let value = this.#product();
    for (let sign = this.#take("+", "-"); sign; sign = this.#take("+", "-")) {
      const next = this.#product();
      value = sign === "+" ? value + next : value - next;
    }
    return value;
  }

  #product() {
    let value = this.#signed();
    for (;;) {
      const sign = this.#take("*", "/");
      if (!sign && !this.#beginsFactor()) return value;
      const token = this.tokens[this.place - 1];
      const next = sign ? this.#signed() : this.#power();
      if (sign === "/" && next === 0) throw new Problem(`${named(token)} divides by zero. If you mean infinity, type ∞.`);
      value = sign === "/" ? value / next : value * next;
    }
  }

  /** Whether a factor follows without a sign: `2 log2 3`, `2π`, `3(1 − p)`. */
  #beginsFactor() {
    const word = this.#word();
    return word === "(" || FUNCTIONS.has(word) || CONSTANTS.has(word);
  }

  /** @returns {number} */
  #signed() {
    const sign = this.#take("+", "-");
    if (!sign) return this.#power();
    return sign === "-" ? -this.#signed() : this.#signed();
  }

  #power() {
    const base = this.#single();
    const token = this.tokens[this.place];
    if (token?.sort === "power") {
      this.place += 1;
      return base ** token.value;
    }
    return this.#take("^") ? base ** this.#signed() : base;
  }

  /** @returns {number} */
  #single() {
    const token = this.tokens[this.place];
    const last = this.tokens[this.place - 1];
    if (!token) throw new Problem(`Something is missing after ${named(last)}.`);
    const word = this.#word();
    this.place += 1;
    if (token.sort === "number") return token.value + this.#besides(token);
    if (token.sort === "fraction") return token.value;
    const constant = CONSTANTS.get(word);
    if (constant !== undefined) return constant;
    const operation = FUNCTIONS.get(word);
    if (operation) return operation(this.#argument(word, token));
    if (word === "(") return this.#bracket(token);
    if (word === "log") throw new Problem(`${named(token)} could be to base 2, e or 10: write log2, ln or log10.`);
    if (token.sort === "word" && !UNITS.includes(word)) throw this.#unknown(token);
    throw new Problem(`A number is missing before ${named(token)}.`);
  }

  /** The fraction of a mixed number: 1 1/2, 1½. @param {Token} whole */
  #besides(whole) {
    const isWhole = (/** @type {Token | undefined} */ token) => token?.sort === "number" && /^\d+$/.test(token.text);
    const [above, sign, below] = this.tokens.slice(this.place);
    if (!isWhole(whole)) return 0;
    if (above?.sort === "fraction") {
      this.place += 1;
      return above.value;
    }
    if (!isWhole(above) || !sign || this.#word(sign) !== "/" || !isWhole(below) || !below.value) return 0;
    this.place += 3;
    return above.value / below.value;
  }

  /** @param {Token} open */
  #bracket(open) {
    const value = this.#sum();
    if (this.#take(")")) return value;
    const token = this.tokens[this.place];
    if (token) throw this.#stray(token);
    throw new Problem(`The bracket ${named(open)} is never closed.`);
  }

  /** What a function is taken of. @param {string} name @param {Token} token */
  #argument(name, token) {
    const isBare = this.#word() !== "(";
    const value = isBare ? this.#power() : this.#single();
    const isQuotient = FUNCTIONS.has(this.#word(this.tokens[this.place + 1])); // ln 3/ln 2
    if (isBare && token.text !== "√" && this.#word() === "/" && !isQuotient) {
      throw new Problem(`What is ${named(token)} taken of? Write brackets: ${name}(2)/3 or ${name}(2/3).`);
    }
    if (value < 0 && name === "sqrt") throw new Problem(`${named(token)} needs a number from 0 on, and gets ${shown(value)}.`);
    if (value <= 0 && /^l/.test(name)) {
      throw new Problem(`${named(token)} needs a number above 0, and gets ${shown(value)}. If you mean infinity, type ∞.`);
    }
    return value;
  }

  /** What stands behind the number: nothing, a unit, a unit a something. @returns {Unit} */
  #unit() {
    const [token, ...rest] = this.tokens.slice(this.place);
    if (!token) return "";
    if (isSame(this.text.slice(token.at), this.own) && !UNITS.includes(this.#word())) return "";
    const unit = this.#word();
    if (!UNITS.includes(unit)) throw this.#stray(token);
    const words = rest.map((item) => item.text.toLowerCase()).join(" ");
    if (words && !/^(each|(an?|per|\/) \p{L}+)$/u.test(words)) {
      throw new Problem(`A unit stands once, at the end: nothing can follow ${named(token)}.`);
    }
    return /** @type {Unit} */ (unit);
  }

  /** @param {Token} token what can't stand where it does */
  #stray(token) {
    const last = this.tokens[this.place - 1];
    const isNumber = (/** @type {Token} */ { sort }) => sort === "number" || sort === "fraction";
    if (isNumber(token) && isNumber(last)) {
      return new Problem(`A sign is missing between “${last.text}” and ${named(token)}. A number has no spaces and one decimal sign.`);
    }
    if (UNITS.includes(this.#word(token))) return new Problem(`A unit stands at the end, outside brackets, not as ${named(token)}.`);
    return token.sort === "word" ? this.#unknown(token) : new Problem(`${named(token)} can’t stand there.`);
  }

  /** @param {Token} token */
  #unknown(token) {
    return new Problem(`${named(token)} is not known here. Functions are log2, ln, log10, sqrt and exp, units are bits, nats and %.`);
  }
}

/** Whether two words are the same but for capitals and the plural. @param {string} one @param {string} other */
function isSame(one, other) {
  const [a, b] = [one, other].map((word) => word.trim().toLowerCase().replace(/s$/, ""));
  return a !== "" && a === b;
}

/**
 * @typedef {{value: string, text: string}} Answer the double in full, or `inf`; and what readers see
 * @typedef {{answer: Answer, mistakes?: {place: number, value: string}[]}} Variant as far as it is needed here
 * @typedef {{unit?: string, tolerance?: number}} Asked the question: its unit, and how far off an answer may be
 * @typedef {"right" | "right-wrong-unit" | "mistake" | "close" | "wrong"} Verdict
 * @typedef {{verdict: Verdict, says: string, place?: number}} Grade of a known mistake the place in the question's list
 */

const TOLERANCE = 0.01;
/** Up to here an answer is close, as a share of the right one. */
const CLOSE = 0.05;

/**
 * Compare an answer with the right one, with the same in other units, and with the known mistakes of the question.
 * @param {Quantity} given
 * @param {Variant} variant
 * @param {Asked} question
 * @returns {Grade}
 */
export function grade(given, variant, { unit = "", tolerance = TOLERANCE }) {
  const asked = baseOf(unit);
  const { text } = variant.answer;
  const right = double(variant.answer.value);
  // Nothing and infinity are the same in every unit.
  const isSameInAll = given.value === 0 || !Number.isFinite(given.value);
  const typed = { value: given.value, unit: isSameInAll ? asked : given.unit || asked };
  const value = convert(typed, asked) ?? typed.value;

  const isPlain = typed.unit === asked || (typed.unit === "%" && asked === "");
  if (isPlain && isNear(value, right, tolerance)) return { verdict: "right", says: `The answer is ${text}.` };

  /** @type {{value: number, target: number, grade: Grade}[]} */
  const readings = [
    ...slips(typed, asked, text).map((slip) =>
      ({ value: slip.value, target: right, grade: /** @type {Grade} */ ({ verdict: "right-wrong-unit", says: slip.says }) })),
    ...(variant.mistakes ?? []).map((mistake) =>
      ({ value, target: double(mistake.value), grade: /** @type {Grade} */ ({ verdict: "mistake", says: "", place: mistake.place }) })),
  ];
  // By chance two of them may come near: what the reader did is the nearer one.
  const distance = (/** @type {{value: number, target: number}} */ item) => (item.value === item.target ? 0 : Math.abs(item.value - item.target));
  const [nearest] = readings.filter((item) => isNear(item.value, item.target, tolerance)).sort((one, other) => distance(one) - distance(other));
  if (nearest) return nearest.grade;

  if (right !== 0 && isNear(value, right, CLOSE)) return { verdict: "close", says: `${shown(value)} is within ${CLOSE * 100} % of it.` };
  return { verdict: "wrong", says: direction(value, right, tolerance) };
}

/** What the grader makes of the words behind a field: `bits a symbol` is counted in bits. @param {string} unit @returns {Unit} */
function baseOf(unit) {
  const [word] = unit.split(" ");
  return UNITS.includes(word) ? /** @type {Unit} */ (word) : "";
}

/** Write a quantity in another unit, if it can be. @param {Quantity} quantity @param {Unit} unit */
function convert({ value, unit: from }, unit) {
  if (from === unit) return value;
  switch (`${from} → ${unit}`) {
    case "bits → nats": return value * Math.LN2;
    case "nats → bits": return value / Math.LN2;
    case "% → ": return value / 100;
    case " → %": return value * 100;
    default: return undefined;
  }
}

/**
 * Read an answer as if its unit had been missed: what it then is in the unit that was asked for, and what to say of it.
 * @param {Quantity} typed
 * @param {Unit} asked
 * @param {string} answer
 * @returns {{value: number, says: string}[]}
 */
function slips(typed, asked, answer) {
  const { value, unit } = typed;
  const number = shown(value);
  if (asked === "bits" || asked === "nats") {
    const other = asked === "bits" ? "nats" : "bits";
    const exact = { value, says: `The number is right, but it counts ${asked}, not ${unit}: ${answer}.` };
    if (unit === "%") return [exact];
    const same = {
      value: convert({ value, unit: other }, asked) ?? value,
      says: `It is right in ${other}: ${number} ${other} are ${answer}. Here the answer is counted in ${asked}.`,
    };
    return unit === asked ? [same] : [same, exact];
  }
  if (unit === asked) {
    if (asked === "%") return [{ value: value * 100, says: `It is right as a share of 1. Here the answer is counted in %: ${answer}.` }];
    return value > 100 ? [] : [{ value: value / 100, says: `${number} % would be right. As a plain number that is ${answer}.` }];
  }
  const not = unit === "%" ? "is no percentage" : asked === "%" ? `is a percentage, not in ${unit}` : `has no unit such as ${unit}`;
  return [{ value, says: `The number is right, but it ${not}: ${answer}.` }];
}

/**
 * Say how a wrong number differs from the right one, without giving it away.
 * @param {number} value
 * @param {number} right
 * @param {number} tolerance
 */
function direction(value, right, tolerance) {
  if (right !== 0 && isNear(-value, right, tolerance)) return "The size is right, the sign is not.";
  if (!Number.isFinite(value)) return `The answer is not ${shown(value)}.`;
  return `${shown(value)} is too ${value > right ? "large" : "small"}.`;
}

/** @param {number} value @param {number} other @param {number} tolerance relative, or absolute where the other is 0 */
function isNear(value, other, tolerance) {
  if (value === other) return true;
  return Number.isFinite(value) && Number.isFinite(other) && Math.abs(value - other) <= tolerance * (Math.abs(other) || 1);
}

/** The double that Python wrote. @param {string} text */
const double = (text) => Number(text.replace("inf", "Infinity"));

/** A number for people: four digits. @param {number} value */
function shown(value) {
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  return String(Number(value.toPrecision(4))).replaceAll("-", "−");
}
