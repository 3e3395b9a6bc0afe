// @ts-check
/**
 * Runs the klweb wheel in Pyodide: JSON in on stdin, JSON out on stdout.
 *
 * In:  {"wheel": path, "requests": [text for klweb.live.handle, …], "code": Python text that defines
 *      `answer(calls)`, "calls": JSON text for it}
 * Out: {"python": version, "answers": [text, …], "results": JSON text}
 */

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { loadPyodide } from "pyodide";

const { wheel, requests, code, calls } = JSON.parse(await text(process.stdin));
const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(await readFile(wheel)), "wheel");

const { handle } = pyodide.pyimport("klweb.live");
/** @type {string[]} */
const answers = requests.map((/** @type {string} */ request) => handle(request));

const globals = pyodide.toPy({});
pyodide.runPython(code, { globals });
const results = globals.get("answer")(calls);

process.stdout.write(JSON.stringify({ python: pyodide.runPython("import sys; sys.version"), answers, results }));
