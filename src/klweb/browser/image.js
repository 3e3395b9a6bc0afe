// @ts-check
/**
 * Python as the build froze it: one WebAssembly module that goes on where another run stopped.
 *
 * The module holds what the site's own Python needs and nothing else. Whatever it lacks throws, and then
 * the worker boots Pyodide whole.
 */

/** The C functions that the module offers; the build keeps these. */
export const NAMES = [
  "malloc", "free", "PyUnicode_FromStringAndSize", "PyObject_CallOneArg", "PyUnicode_AsUTF8AndSize", "Py_DecRef",
];

/** A module that counts a function's parameters, as Pyodide has it; it needs types that older browsers do not know. */
const COUNT_ARGS = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 27, 5, 96, 0, 1, 127, 96, 1, 127, 1, 127, 96, 2, 127, 127, 1, 127, 96, 3, 127, 127, 127,
  1, 127, 96, 1, 127, 0, 2, 9, 1, 1, 101, 1, 116, 1, 112, 0, 0, 3, 2, 1, 1, 7, 5, 1, 1, 102, 0, 0, 10, 68, 1, 66, 1, 1,
  112, 32, 0, 37, 0, 34, 1, 251, 20, 3, 2, 4, 69, 13, 0, 65, 3, 15, 11, 32, 1, 251, 20, 2, 2, 4, 69, 13, 0, 65, 2, 15, 11,
  32, 1, 251, 20, 1, 2, 4, 69, 13, 0, 65, 1, 15, 11, 32, 1, 251, 20, 0, 2, 4, 69, 13, 0, 65, 0, 15, 11, 65, 127, 11,
);

/** @typedef {Record<string, any>} Exports */

/**
 * What the module may ask of its host. Files, sockets and JavaScript objects are not among it.
 * @param {() => Exports} exports
 */
function host(exports) {
  const view = () => new DataView(exports().memory.buffer);
  /** @type {Record<string, (...values: any[]) => any>} */
  const functions = {
    _PyEM_TrampolineCall_JS: (slot, ...values) => exports().table.get(slot)(...values),
    _Py_CheckEmscriptenSignals_Helper: () => 0,
    emscripten_date_now: () => Date.now(),
    emscripten_get_now: () => performance.now(),
    emscripten_get_heap_max: () => 2 ** 31,
    emscripten_resize_heap(wanted) {
      const { memory } = exports();
      try {
        memory.grow(Math.ceil(((wanted >>> 0) - memory.buffer.byteLength) / 65536));
        return 1;
      } catch {
        return 0;
      }
    },
    clock_time_get(_clock, _precision, at) {
      view().setBigUint64(at >>> 0, BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    },
  };
  return new Proxy(functions, {
    get: (_, name) => functions[String(name)] ?? (() => { throw new Error(`Python asked for ${String(name)}`); }),
  });
}

/**
 * Go on where the build stopped.
 * @param {Response} source the module, as `application/wasm`
 * @returns {Promise<{ask: (text: string) => string, exports: Exports}>}
 */
export async function resume(source) {
  /** @type {Exports} */
  let exports = {};
  const functions = host(() => exports);
  const asked = { env: functions, wasi_snapshot_preview1: functions, sentinel: functions };
  const { instance } = await WebAssembly.instantiateStreaming(source, /** @type {any} */ (asked));
  exports = instance.exports;
  countParameters(exports);
  return { ask: caller(exports), exports };
}

/**
 * Spare Python the way over JavaScript at calls through pointers, where the browser can.
 * @param {Exports} exports
 */
function countParameters({ memory, table, count_args }) {
  // Pyodide leaves it out on Apple's telephones and tablets, where it was seen to fail.
  const { userAgent = "", platform = "", maxTouchPoints = 0 } = /** @type {any} */ (globalThis.navigator ?? {});
  if (/iPad|iPhone|iPod/.test(userAgent) || (platform === "MacIntel" && maxTouchPoints > 1)) return;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(COUNT_ARGS), { e: { t: table } });
    const slot = table.length - 1; // left free by the build
    table.set(slot, exports.f);
    new DataView(memory.buffer).setUint32(count_args.value, slot, true);
  } catch {
    // It works without, a little slower.
  }
}

/**
 * Return what asks Python: a text for a text. It throws when Python raises, and must not be used after that.
 * @param {Exports} exports
 */
export function caller({ memory, handle, malloc, free, PyUnicode_FromStringAndSize: newString, PyObject_CallOneArg: call,
  PyUnicode_AsUTF8AndSize: bytesOf, Py_DecRef: release }) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  /** @param {string} text */
  return (text) => {
    const bytes = encoder.encode(text);
    const at = malloc(bytes.length + 8);
    new Uint8Array(memory.buffer).set(bytes, at);
    const question = newString(at, bytes.length);
    const answer = question && call(handle.value, question);
    const begin = answer && bytesOf(answer, at);
    if (!begin) throw new Error("Python raised an exception");
    const length = new DataView(memory.buffer).getUint32(at, true);
    const reply = decoder.decode(new Uint8Array(memory.buffer, begin, length));
    free(at);
    release(question);
    release(answer);
    return reply;
  };
}
