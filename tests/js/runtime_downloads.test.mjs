// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Downloads, fetchFile } from "../../src/klweb/browser/downloads.js";

const TEXT = "x".repeat(100_000);
const PACKED = gzipSync(TEXT);
/** @type {{[path: string]: Buffer | null}} null: the connection breaks half-way */
const CONTENT = {
  "/whole.bin": PACKED,
  "/cut.bin": PACKED.subarray(0, 50),
  "/long.bin": Buffer.concat([PACKED, PACKED]),
  "/flipped.bin": Buffer.from(PACKED.map((byte, place) => (place === 20 ? byte ^ 1 : byte))),
  "/broken.bin": null,
};
const server = createServer((request, response) => {
  const content = CONTENT[request.url ?? ""];
  if (content === undefined) {
    response.writeHead(404).end();
  } else if (content === null) {
    response.writeHead(200, { "Content-Length": PACKED.length });
    response.write(PACKED.subarray(0, 50), () => setTimeout(() => response.destroy(), 100));
  } else {
    response.end(content);
  }
});
let base = "";
before(() => new Promise((resolve) => {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address) base = `http://127.0.0.1:${address.port}/manifest.json`;
    resolve(undefined);
  });
}));
after(() => { server.close(); server.closeAllConnections(); });

/** @param {string} url @param {(loaded: number, total: number) => void} [onProgress] */
function downloads(url, onProgress = () => {}) {
  const file = {
    url, bytes: PACKED.length, sha256: createHash("sha256").update(PACKED).digest("hex"),
    encoding: /** @type {const} */ ("gzip"),
  };
  return new Downloads({ "python.wasm": file }, base, false, onProgress);
}

test("a file arrives unpacked, typed, counted, and is fetched once", async () => {
  /** @type {number[]} */
  const progress = [];
  const found = downloads("whole.bin", (loaded) => progress.push(loaded));
  const response = await found.open("python.wasm");
  assert.equal(response.headers.get("Content-Type"), "application/wasm");
  assert.equal(await found.open("python.wasm"), response);
  assert.equal(await response.text(), TEXT);
  assert.equal(progress.at(-1), PACKED.length);
  assert.equal(found.fault, undefined);
});

for (const [url, kind, words] of [
  ["cut.bin", "truncated", `python.wasm arrived cut short: 50 of ${PACKED.length} bytes`],
  ["broken.bin", "truncated", `python.wasm arrived cut short: 50 of ${PACKED.length} bytes`],
  ["long.bin", "corrupt", "python.wasm is not the one expected"],
  ["flipped.bin", "corrupt", "python.wasm is not the one expected"],
  ["missing.bin", "blocked", "python.wasm is not on the server (HTTP 404)"],
]) {
  test(`${url}: ${kind}`, async () => {
    const found = downloads(url);
    const fault = assert.rejects(found.failed, { kind });
    await assert.rejects(found.open("python.wasm").then((response) => response.arrayBuffer()));
    await fault;
    assert.match(found.fault?.message ?? "", new RegExp(words.replace(/[()]/g, "\\$&")));
    assert.match(found.fault?.message ?? "", /try again\.$/);
  });
}

test("the first fault is the one told", async () => {
  const found = downloads("cut.bin");
  const response = await found.open("python.wasm");
  await assert.rejects(response.arrayBuffer());
  found.fail(/** @type {any} */ (new Error("what follows from it")));
  assert.equal(found.fault?.kind, "truncated");
  await assert.rejects(found.failed, { kind: "truncated" });
});

test("a host that can't be reached is blocked", async () => {
  await assert.rejects(fetchFile("a.bin", "http://127.0.0.1:1/a.bin", false), { kind: "blocked", message: /a\.bin/ });
});
