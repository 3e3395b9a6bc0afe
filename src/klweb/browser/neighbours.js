// @ts-check
// What a figure shows when one control alone is moved from a preset: some 21 stops, computed ahead of time. The file's
// form is told, and written, in sitegen/neighbours.py; what is foretold there is foretold here by the same arithmetic.

/** @typedef {import("./figure.js").Answer} Answer */
/** @typedef {import("./controls.js").ControlEvent} ControlEvent */
/**
 * @typedef {object} Control one control, moved alone
 * @property {string} name
 * @property {"set" | "press"} type
 * @property {any[]} values its value at each stop
 * @property {number} own the stop with the value that it has in the preset, or −1
 * @property {boolean} isHome whether that stop is the preset itself
 * @property {string[]} covers choices that make no difference once this control is moved
 * @property {number} bytes
 */
/** @typedef {{texts: string[], kinds: number[], group: number}} Template a text around its holes; `group` says whose columns */
/** @typedef {{section: number, templates: Template[], groups: number[][]}} Track one mark, readout or row, through all stops */
/** @typedef {any[][][][]} Columns values by track, group, hole and stop */
/** @typedef {{which: number[][], columns: Columns}} Block which template each track has at each stop, and what fills it */

const HOLE = 0xe000;
const LOOSE = 16;
const DOUBLE = 32;
const CURVE = 33;
const [OWN_PLACES, SPLIT, REST] = [1, 2, 4];

export class Neighbours {
  /** @type {Map<Control, Block>} */
  #blocks = new Map();
  /** @type {Map<Control, Answer[]>} */
  #answers = new Map();
  /** @type {Map<Control, number>} where each control's block begins */
  #begins = new Map();

  /**
   * @param {Uint8Array} bytes an inflated file
   */
  constructor(bytes) {
    this.bytes = bytes;
    const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
    /** @type {Control[]} */
    this.controls = header.controls;
    /** @type {Track[]} */
    this.tracks = header.tracks.map((/** @type {[number, number[]]} */ [section, numbers]) =>
      trackOf(section, numbers.map((number) => header.templates[number])));
    const from = new Cursor(bytes, end);
    this.base = { which: this.tracks.map(() => from.number()), columns: this.#baseColumns(from) };
    let { at } = from;
    for (const control of this.controls) {
      this.#begins.set(control, at);
      at += control.bytes;
    }
  }

  /**
   * @param {Cursor} from
   * @returns {number[][][]}
   */
  #baseColumns(from) {
    return this.tracks.map((track) => track.groups.map((kinds) => kinds.map((kind) => (kind < DOUBLE ? from.number() : 0))));
  }

  /**
   * Return the control that an event moves, if there are stops for it.
   * @param {ControlEvent} event
   */
  find({ type, name, value }) {
    const control = this.controls.find((item) => item.name === name && item.type === type);
    const isReadable = type === "press" || typeof value === "number" || control?.values.includes(value);
    return isReadable ? control : undefined;
  }

  /**
   * Whether an event has changed nothing, or nothing that lasts once another control is moved.
   * @param {ControlEvent} event
   * @param {Control} next the control that was moved after it
   */
  isVoid(event, next) {
    if (next.covers.includes(event.name)) return true;
    const control = this.find(event);
    return Boolean(control?.isHome) && control?.values[control.own] === event.value;
  }

  /**
   * Return what is shown at a stop: exactly what Python would answer, but for the state's probabilities, which have ten
   * decimals, and the link, which only a preset has.
   * @param {Control} control
   * @param {number} stop
   */
  answer(control, stop) {
    const known = this.#answers.get(control) ?? [];
    this.#answers.set(control, known);
    return (known[stop] ??= this.#assembled(this.#block(control), stop));
  }

  /**
   * @param {Block} block
   * @param {number} stop
   * @returns {Answer}
   */
  #assembled({ which, columns }, stop) {
    /** @type {string[][]} */
    const sections = [[], [], [], []];
    this.tracks.forEach(({ section, templates }, track) => {
      if (!which[track][stop]) return;
      const { texts, kinds, group } = templates[which[track][stop] - 1];
      let text = texts[0];
      kinds.forEach((kind, hole) => { text += printed(columns[track][group][hole][stop], kind) + texts[hole + 1]; });
      sections[section].push(text);
    });
    const [rest, marks, readouts, rows] = sections.map((parts) => JSON.parse(`[${parts.join()}]`));
    const [state, link, [width, height], summary, [caption, head]] = rest;
    return { ok: true, state, link, view: { scene: { width, height, marks }, readouts, summary, table: { caption, head, rows } } };
  }

  /**
   * Read one control's block, when it is first needed.
   * @param {Control} control
   */
  #block(control) {
    const known = this.#blocks.get(control);
    if (known) return known;
    const from = new Cursor(this.bytes, this.#begins.get(control) ?? 0);
    const places = control.values.map((value, stop) => (typeof value === "number" ? value : stop));
    const which = readColumns(from, this.base.which.map((base) => ({ places, base })));

    /** @type {{kind: number, stops: number[], places: number[], base: number, into: any[]}[]} */
    const wanted = [];
    const columns = this.tracks.map(({ templates, groups }, track) => groups.map((kinds, group) => {
      const stops = [...places.keys()].filter((stop) => templates[which[track][stop] - 1]?.group === group);
      return kinds.map((kind, hole) => {
        /** @type {any[]} */
        const into = [];
        const base = this.base.columns[track][group][hole];
        if (stops.length) wanted.push({ kind, stops, places: stops.map((stop) => places[stop]), base, into });
        return into;
      });
    }));
    const fill = (/** @type {typeof wanted} */ some, /** @type {any[][]} */ values) => some.forEach(({ stops, into }, index) =>
      stops.forEach((stop, place) => { into[stop] = values[index][place]; }));
    const numbers = wanted.filter(({ kind }) => kind < DOUBLE);
    fill(numbers, readColumns(from, numbers));
    const curves = wanted.filter(({ kind }) => kind === CURVE);
    fill(curves, readCurves(from, curves));
    const doubles = wanted.filter(({ kind }) => kind === DOUBLE);
    fill(doubles, doubles.map(({ stops }) => from.doubles(stops.length)));

    const block = { which, columns };
    this.#blocks.set(control, block);
    return block;
  }
}

/**
 * Fetch the stops around a preset.
 * @param {string} url
 * @param {import("./presets.js").Get} get
 */
export async function fetchNeighbours(url, get) {
  const response = await get(url);
  if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
  const inflated = response.body.pipeThrough(new DecompressionStream("gzip"));
  return new Neighbours(new Uint8Array(await new Response(inflated).arrayBuffer()));
}

/**
 * Return the stop that is nearest to where a reader put a control.
 * @param {Control} control
 * @param {any} value
 */
export function nearest({ type, values }, value) {
  if (type === "press") return 0;
  if (typeof value !== "number") return values.indexOf(value);
  let stop = 0;
  for (const place of values.keys()) if (Math.abs(values[place] - value) < Math.abs(values[stop] - value)) stop = place;
  return stop;
}

/**
 * Return the stop that follows another in the direction of a value; the same where it is the last, or not a number.
 * @param {Control} control
 * @param {any} value
 * @param {number} from
 */
export function following({ values }, value, from) {
  const step = Math.sign(value - values[from]) || 0;
  return Math.min(Math.max(from + step, 0), values.length - 1);
}

/**
 * @param {number} section
 * @param {string[]} texts
 * @returns {Track}
 */
function trackOf(section, texts) {
  /** @type {number[][]} */
  const groups = [];
  const templates = texts.map((text) => {
    const parts = text.split(/([\ue000-\ue0ff])/);
    const kinds = parts.filter((_, index) => index % 2).map((hole) => hole.charCodeAt(0) - HOLE);
    let group = groups.findIndex((other) => String(other) === String(kinds));
    if (group < 0) group = groups.push(kinds) - 1;
    return { texts: parts.filter((_, index) => index % 2 === 0), kinds, group };
  });
  return { section, templates, groups };
}

/** Reads numbers one after the other. */
class Cursor {
  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An integer of either sign, which may have more bits than JavaScript's bitwise operators take. */
  number() {
    let [value, scale, byte] = [0, 1, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  /**
   * @param {number} count
   */
  doubles(count) {
    const view = new DataView(new ArrayBuffer(8 * count));
    for (let byte = 0; byte < 8; byte += 1) {
      for (let index = 0; index < count; index += 1) view.setUint8(8 * index + byte, this.byte());
    }
    return Array.from({ length: count }, (_, index) => view.getFloat64(8 * index, true));
  }
}

/**
 * Continue a column by the polynomial through its last values.
 * @param {number[]} places
 * @param {number[]} values
 * @param {number} end how many of the values are known
 * @param {number} order how many of them count
 * @param {number} place
 */
function foretold(places, values, end, order, place) {
  let total = 0;
  const begin = Math.max(0, end - order);
  for (let i = begin; i < end; i += 1) {
    let weight = 1;
    for (let j = begin; j < end; j += 1) if (j !== i) weight *= (place - places[j]) / (places[i] - places[j]);
    total += weight * values[i];
  }
  return Math.floor(total + 0.5);
}

/**
 * @param {Cursor} from
 * @param {{places: number[], base: number}[]} columns
 */
function readColumns(from, columns) {
  const modes = columns.map(() => from.byte());
  return columns.map(({ places, base }, index) => {
    const mode = modes[index];
    if (mode < 2) return Array(places.length).fill(mode ? base + from.number() : base);
    /** @type {number[]} */
    const values = [];
    places.forEach((place, at) => values.push(from.number() + (at ? foretold(places, values, at, mode - 1, place) : base)));
    return values;
  });
}

/**
 * @param {Cursor} from
 * @param {{places: number[]}[]} curves
 * @returns {number[][][]} the points of each curve at each of its stops
 */
function readCurves(from, curves) {
  /** @type {number[][]} */
  let xs = [];
  /** @type {number[][]} the heights that are left for the next curve */
  let rest = [];
  return curves.map(({ places }) => {
    const flags = from.byte();
    if (flags & OWN_PLACES) {
      const lanes = readColumns(from, Array(from.number()).fill({ places, base: 0 }));
      xs = places.map((_, stop) => lanes.map((lane) => lane[stop]).sort((a, b) => a - b));
    }
    let ys = rest;
    if (!(flags & REST)) {
      const levels = flags & SPLIT ? readColumns(from, [{ places, base: 0 }])[0] : [];
      ys = xs.map((row) => readHeights(from, row));
      if (flags & SPLIT) {
        rest = ys.map((row, stop) => row.map((y) => Math.max(y, levels[stop])));
        ys = ys.map((row, stop) => row.map((y) => Math.min(y, levels[stop])));
      }
    }
    return ys.map((row, stop) => row.flatMap((y, index) => [xs[stop][index], y]));
  });
}

/**
 * @param {Cursor} from
 * @param {number[]} xs
 */
function readHeights(from, xs) {
  /** @type {number[]} */
  const places = [];
  /** @type {number[]} */
  const heights = [];
  return xs.map((x) => {
    const end = places.length;
    const isSame = places[end - 1] === x;
    const y = from.number() + (isSame ? heights[end - 1] : foretold(places, heights, end, 3, x));
    if (!isSame) {
      places.push(x);
      heights.push(y);
    }
    return y;
  });
}

/**
 * Write what fills a hole: into a sentence with its decimals, into JSON as short as it can be.
 * @param {any} value
 * @param {number} kind
 */
function printed(value, kind) {
  if (kind === CURVE) return value.map((/** @type {number} */ item) => item / 10).join();
  if (kind === DOUBLE) return String(value);
  if (kind >= LOOSE) return String(value / 10 ** (kind - LOOSE));
  const text = String(Math.abs(value)).padStart(kind + 1, "0");
  const point = text.length - kind;
  return (value < 0 ? "−" : "") + text.slice(0, point) + (kind ? `.${text.slice(point)}` : "");
}
