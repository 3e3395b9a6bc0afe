// @ts-check
/**
 * Asks a resumed module everything, as the page would, and compares the answers.
 *
 * In (JSON on stdin): {"folder", "requests": [text, …], "answers": [text, …], "marks": the name of an exported memory,
 *   or ""}; in the folder: module.wasm
 * Out (in the folder): marks.bin, what that memory holds at the end. Fails at the first answer that differs.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { resume } from "../../browser/image.js";

const { folder, requests, answers, marks } = JSON.parse(await text(process.stdin));
const module = await readFile(join(folder, "module.wasm"));
const { ask, exports } = await resume(new Response(module, { headers: { "Content-Type": "application/wasm" } }));
requests.forEach((/** @type {string} */ request, /** @type {number} */ index) => {
  const answer = ask(request);
  if (answer === answers[index]) return;
  throw new Error(`another answer to ${request.slice(0, 300)}: ${answer.slice(0, 300)} instead of ${answers[index].slice(0, 300)}`);
});
if (marks) await writeFile(join(folder, "marks.bin"), new Uint8Array(exports[marks].buffer));
