// @ts-check
/**
 * The wire format between a cell on the page (cell.js) and the worker that runs its lines (cell-worker.js).
 *
 *   page → worker   start, as protocol.js has it · run(id, text)
 *   worker → page   progress · ready · failed, as protocol.js has them
 *                   running(id) · output(id, kind, text) · done(id, good)
 *
 * A run that is asked for before Python is ready waits for it. What it imports may have to be fetched first, with `progress`;
 * `running` says that its own time begins. Each run ends with `done`, unless the worker dies or `failed` says that it broke.
 *
 * @typedef {"out" | "err" | "value" | "hint"} Kind
 * @typedef {{tag: "run", id: number, text: string}} Run
 * @typedef {{tag: "running", id: number}} Running
 * @typedef {{tag: "output", id: number, kind: Kind, text: string}} Output
 * @typedef {{tag: "done", id: number, good: boolean}} Done
 * @typedef {import("./protocol.js").Progress | import("./protocol.js").Ready | import("./protocol.js").Failed | Running | Output | Done} FromCell
 */
import { ProtocolError, readFromWorker } from "./protocol.js";

/** @type {readonly Kind[]} */
const KINDS = ["out", "err", "value", "hint"];

/** @type {(id: number, text: string) => Run} */
export const run = (id, text) => ({ tag: "run", id, text });
/** @type {(id: number) => Running} */
export const running = (id) => ({ tag: "running", id });
/** @type {(id: number, kind: Kind, text: string) => Output} */
export const output = (id, kind, text) => ({ tag: "output", id, kind, text });
/** @type {(id: number, good: boolean) => Done} */
export const done = (id, good) => ({ tag: "done", id, good });

/**
 * Read what the worker sent, or throw a ProtocolError.
 * @param {any} data
 * @returns {FromCell}
 */
export function readFromCell(data) {
  const { tag, id, kind, text, good } = data ?? {};
  if (tag === "running" && isId(id)) return running(id);
  if (tag === "output" && isId(id) && KINDS.includes(kind) && typeof text === "string") return output(id, kind, text);
  if (tag === "done" && isId(id) && typeof good === "boolean") return done(id, good);
  const known = readFromWorker(data);
  if (known.tag === "progress" || known.tag === "ready" || known.tag === "failed") return known;
  throw new ProtocolError(`${known.tag} is nothing that a cell says`);
}

/** @param {unknown} id */
const isId = (id) => Number.isSafeInteger(id);
