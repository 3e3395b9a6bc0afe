// @ts-check
/**
 * Boots Pyodide in Node, freezes it, and tells what it calls afterwards.
 *
 * In (JSON on stdin): {"folder": where the files are, "pyodide": the folder of Pyodide's files, "setup": Python text that
 *   leaves `handle` behind, "requests": [text, …]}; in the folder: module.wasm (instrumented), wheel.zip
 * Out (in the folder): memory.bin, called.bin, and state.json
 *
 * Nothing here may differ between two runs: the clock stands still, and what is random is not.
 */

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { NAMES, caller } from "../../browser/image.js";

const { folder, pyodide, setup, requests } = JSON.parse(await text(process.stdin));

const NOON = Date.UTC(2020, 0, 1, 12);
Date.now = () => NOON;
globalThis.Date = /** @type {any} */ (class extends Date {
  /** @param {unknown[]} parts */
  constructor(...parts) {
    // @ts-ignore: as many parts as there are
    super(...(parts.length ? parts : [NOON]));
  }
});

/** Memory comes in pages of so many bytes. */
const PAGE = 65536;
/** Free memory in pieces of less than so many bytes is given up. */
const SMALL = 4096;

/** @type {string[]} */
const said = [];
/** @type {any} */
let exports;
/** @type {any} */
let imports;

createRequire(import.meta.url)(join(pyodide, "pyodide.asm.js"));
/** @type {any} */
const scope = globalThis;
const python = await scope._createPyodideModule({
  noInitialRun: true,
  thisProgram: "python",
  print: (/** @type {string} */ line) => said.push(line),
  printErr: (/** @type {string} */ line) => said.push(line),
  API: { config: {}, runtimeEnv: { IN_NODE: true } },
  instantiateWasm(/** @type {any} */ asked, /** @type {Function} */ done) {
    asked.sentinel = { create_sentinel: () => null, is_sentinel: () => 0 };
    // The function that counts parameters is made where the frozen module goes on, if the browser can.
    Object.assign(asked.env, { _PyEM_InitTrampoline_js() {}, _PyEM_GetCountArgsPtr: () => 0, emscripten_get_now: () => 0 });
    Object.assign(asked.wasi_snapshot_preview1, {
      clock_time_get(/** @type {number} */ _clock, /** @type {bigint} */ _precision, /** @type {number} */ at) {
        new DataView(asked.env.memory.buffer).setBigUint64(at >>> 0, BigInt(NOON) * 1_000_000n, true);
        return 0;
      },
      random_get(/** @type {number} */ at, /** @type {number} */ count) {
        new Uint8Array(asked.env.memory.buffer).fill(7, at >>> 0, (at >>> 0) + count);
        return 0;
      },
    });
    void readFile(join(folder, "module.wasm")).then((bytes) => WebAssembly.instantiate(bytes, asked)).then(({ instance, module }) => {
      exports = instance.exports;
      imports = asked;
      done(instance, module);
    });
    return {};
  },
  preRun: [async (/** @type {any} */ module) => {
    module.addRunDependency("files");
    module.FS.mkdirTree("/lib/python3.13/site-packages");
    module.FS.writeFile("/lib/python313.zip", await readFile(join(pyodide, "python_stdlib.zip")));
    module.FS.writeFile("/wheel.zip", await readFile(join(folder, "wheel.zip")));
    for (const name of Object.keys(module.ENV)) delete module.ENV[name];
    Object.assign(module.ENV, {
      HOME: "/", LANG: "C.UTF-8", PYTHONHOME: "/", PYTHONPATH: "/wheel.zip", PYTHONHASHSEED: "0", PYTHONOPTIMIZE: "2",
      PYTHONNOUSERSITE: "1",
    });
    module.removeRunDependency("files");
  }],
});

const memory = () => new Uint8Array(imports.env.memory.buffer);

/** @param {string} content */
function lend(content) {
  const bytes = new TextEncoder().encode(`${content}\0`);
  const at = exports.malloc(bytes.length);
  memory().set(bytes, at);
  return at;
}

python._Py_InitializeEx(0);

/** @param {string} program */
function run(program) {
  const at = lend(program);
  if (exports.PyRun_SimpleString(at) !== 0) throw new Error(`${program.slice(0, 100)} failed:\n${said.join("\n")}`);
  exports.free(at);
}

run(setup);
const main = exports.PyImport_AddModule(lend("__main__"));
const handle = exports.PyObject_GetAttrString(main, lend("handle"));
if (!handle) throw new Error("the set-up left no handle");

/**
 * Forget the names that nothing refers to any more: Python keeps all that ever stood in code for ever, and most code is gone.
 *
 * They are the keys, and the values, of one table. What no word of memory looks like a reference to is not referred to.
 */
function forgetNames() {
  const words = () => new Uint32Array(imports.env.memory.buffer);
  const address = (/** @type {string} */ name) => exports[name].value + imports.env.__memory_base.value;
  const low = imports["GOT.mem"].__stack_low.value;
  const cursor = exports.malloc(12);
  const entries = (/** @type {number} */ table) => {
    words().fill(0, cursor / 4, cursor / 4 + 3);
    const found = [];
    while (exports.PyDict_Next(table, cursor, cursor + 4, cursor + 8)) found.push(words().slice(cursor / 4 + 1, cursor / 4 + 3));
    return found;
  };
  const [runtime, dictionary, string] = ["_PyRuntime", "PyDict_Type", "PyUnicode_Type"].map(address);
  const isTable = (/** @type {number} */ at) => at > low && at % 8 === 0 && words()[at / 4 + 1] === dictionary
    && words()[at / 4 + 2] > 1000 && entries(at).every(([key, value]) => key === value && words()[key / 4 + 1] === string);
  const slot = words().findIndex((word, index) => index * 4 >= runtime && isTable(word));
  if (slot < 0) throw new Error("the table of interned names was not found");
  const table = words()[slot];
  const names = new Set(entries(table).map(([name]) => name).filter((name) => name > low));

  const keys = words()[table / 4 + 6] / 4 - 1; // a chunk of the C allocator, which begins with its size
  const end = keys + (words()[keys] >>> 3) * 2;
  words().forEach((word, index) => {
    if (index < keys || index >= end) names.delete(word);
  });
  for (const name of names) {
    if (exports.PyDict_DelItem(table, name) !== 0) throw new Error("a name could not be forgotten");
    exports.PyObject_Free(name);
  }
  const fresh = exports.PyDict_New(); // smaller
  for (const [name] of entries(table)) exports.PyDict_SetItem(fresh, name, name);
  words()[slot] = fresh;
  exports.PyDict_Clear(table);
  exports.free(cursor);
}

/**
 * Overwrite free memory with zeros: it is nobody's, and compresses to nothing.
 *
 * @param {number} end Where what was in use ended, at first: to ask for more than is free moves it.
 * @param {number} least Smaller pieces are nobody's for ever: in lists of what is free, they would point at one another.
 */
function clear(end, least = 0) {
  // From large to small: what the allocator hands out below the present end was free.
  const held = [];
  for (let size = 1 << 22; size >= 8; size -= Math.max(8, (size >> 3) & ~7)) {
    for (;;) {
      const at = exports.malloc(size);
      memory().fill(0, at, at + size);
      if (at + size >= end) {
        exports.free(at);
        break;
      }
      if (size >= least) held.push(at);
    }
  }
  for (const at of held.reverse()) exports.free(at);
}
const end = exports.sbrk(0);
clear(end);
forgetNames();
clear(end, SMALL);
const inUse = Math.ceil(exports.sbrk(0) / PAGE) * PAGE;
await writeFile(join(folder, "memory.bin"), memory().subarray(0, inUse));

const variables = Object.fromEntries(Object.entries(exports).filter(([name]) => name.startsWith("$g"))
  .map(([name, variable]) => [name.slice(2), variable.value]));
/** @type {Map<unknown, number>} */
const functions = new Map(Object.entries(exports).filter(([name]) => name.startsWith("$f"))
  .map(([name, item]) => [item, Number(name.slice(2))]));
const slots = imports.env.__indirect_function_table;
const table = Array.from({ length: slots.length }, (_, slot) => functions.get(slots.get(slot)) ?? -1);
const offset = new DataView(imports.env.memory.buffer).getUint32(exports._PyEM_EMSCRIPTEN_COUNT_ARGS_OFFSET.value
  + imports.env.__memory_base.value, true);
const countArgs = exports._PyRuntime.value + imports.env.__memory_base.value + offset;

const offered = Object.fromEntries(NAMES.map((name) => [name, exports[name]]));
const ask = caller({ ...offered, memory: imports.env.memory, handle: { value: handle } });

// From here on every call counts. Garbage is collected when it happens to be, which might be anywhere; here it is nearly everywhere.
run("set_threshold(25)");
const called = new Uint8Array(exports.$cover.buffer);
called.fill(0);
const answers = requests.map(ask);
exports.free(exports.malloc(memory().length)); // memory that grows
await writeFile(join(folder, "called.bin"), called);
const state = { table, variables, handle, countArgs, answers, offered: NAMES, constants: imports["GOT.mem"].__stack_low.value };
await writeFile(join(folder, "state.json"), JSON.stringify(state));
