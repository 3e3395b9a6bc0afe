// @ts-check
// Asks Python in Pyodide where its time goes: {wheel, code, questions} in on stdin, what parts.py answers out on stdout.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { loadPyodide } from "pyodide";

const { wheel, code, questions } = JSON.parse(await text(process.stdin));
const pyodide = await loadPyodide();
pyodide.unpackArchive(new Uint8Array(await readFile(wheel)), "wheel");
pyodide.runPython(code);
process.stdout.write(pyodide.globals.get("answer")(JSON.stringify(questions)));
