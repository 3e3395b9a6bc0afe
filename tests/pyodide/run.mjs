// @ts-check
/**
 * Runs the klweb wheel in Pyodide, and the module frozen from it: JSON in on stdin, JSON out on stdout.
 *
 * In:  {"wheel": path, "image": path, "requests": [text for klweb.live.handle, …], "code": Python text that defines
 *      `answer(calls)`, "calls": JSON text for it}
 * Out: {"python": version, "answers": [text, …], "frozen": [text, …], "results": JSON text}
 */

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { loadPyodide } from "pyodide";

import { resume } from "../../src/klweb/browser/image.js";

const { wheel, image, requests, code, calls } = JSON.parse(await text(process.stdin));
const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(await readFile(wheel)), "wheel");

const { handle } = pyodide.pyimport("klweb.live");
/** @type {string[]} */
const answers = requests.map((/** @type {string} */ request) => handle(request));

const globals = pyodide.toPy({});
pyodide.runPython(code, { globals });
const results = globals.get("answer")(calls);

const { ask } = await resume(new Response(await readFile(image), { headers: { "Content-Type": "application/wasm" } }));
const frozen = requests.map((/** @type {string} */ request) => ask(request));

process.stdout.write(JSON.stringify({ python: pyodide.runPython("import sys; sys.version"), answers, frozen, results }));
