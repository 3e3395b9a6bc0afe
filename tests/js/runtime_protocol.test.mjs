// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import * as protocol from "../../src/klweb/browser/protocol.js";

const file = { url: "pyodide.0123456789ab.bin", bytes: 3, sha256: "a".repeat(64), encoding: "plain" };
const manifest = /** @type {protocol.Manifest} */ ({
  version: "0.29.5", python: "3.13.2", entry: "klweb.live", files: { "pyodide.asm.wasm": file },
  packages: { "numpy-2.2.5-cp313-cp313-pyodide_2025_0_wasm32.whl": file }, wheel: "0123456789ab/klweb-0.1.0-py3-none-any.whl",
});

test("what is built can be read", () => {
  const toWorker = [
    protocol.start(null, "https://example.org/m.json", false), protocol.call(0, "{}"),
    protocol.start(/** @type {any} */ ({ ...file, encoding: "brotli", plain: { bytes: 9, sha256: "b".repeat(64) } }), "m.json", true),
  ];
  for (const message of toWorker) assert.deepEqual(protocol.readToWorker(message), message);
  const fromWorker = [
    protocol.progress(0, 10, "Fetching"), protocol.ready(), protocol.failed("slow", "Try again."),
    protocol.answer(1, "0"), protocol.error(1, { kind: "internal", message: "" }), protocol.unfit(1),
  ];
  for (const message of fromWorker) assert.deepEqual(protocol.readFromWorker(message), message);
});

test("unknown tags are refused, those of the other direction too", () => {
  for (const data of [null, 3, "ready", [], {}, { tag: 1 }, { tag: "eval" }, { tag: "toString" }, protocol.ready()]) {
    assert.throws(() => protocol.readToWorker(data), protocol.ProtocolError);
  }
  assert.throws(() => protocol.readFromWorker(protocol.call(1, "{}")), protocol.ProtocolError);
});

test("a known tag with another shape is refused", () => {
  for (const data of [
    { tag: "answer", id: 1 }, { tag: "answer", id: "1", text: "" }, { tag: "answer", id: -1, text: "" },
    { tag: "answer", id: 1.5, text: "" }, { tag: "answer", id: 1, text: {} }, { tag: "ready", extra: 1 },
    { tag: "progress", loaded: NaN, total: 1, what: "" }, { tag: "failed", kind: "odd", message: "" },
    { tag: "error", id: 1, error: "text" }, { tag: "error", id: 1, error: { kind: "internal" } },
  ]) {
    assert.throws(() => protocol.readFromWorker(data), /of another shape/, JSON.stringify(data));
  }
});

test("a manifest names files of its own folder only", () => {
  assert.deepEqual(protocol.readManifest(manifest), manifest);
  for (const url of ["../x.bin", "/x.bin", "https://example.org/x.bin", "//example.org", "", ".x", "a/b", "data:,"]) {
    const other = { ...manifest, files: { x: { ...file, url } } };
    assert.throws(() => protocol.readManifest(other), protocol.ProtocolError, url);
  }
});

test("a manifest of another shape is refused", () => {
  for (const change of [
    { entry: "klweb.live; import os" }, { version: 1 }, { files: [] }, { files: { x: { ...file, sha256: "A".repeat(64) } } },
    { files: { x: { ...file, encoding: "br" } } }, { files: { "../x": file } }, { extra: true },
    { packages: [] }, { packages: { "../x": file } }, { wheel: "klweb.whl" }, { wheel: "../../x.whl" }, { wheel: "0123456789ab/../x.whl" },
  ]) {
    assert.throws(() => protocol.readManifest({ ...manifest, ...change }), protocol.ProtocolError, JSON.stringify(change));
  }
  assert.throws(() => protocol.readManifest(null), protocol.ProtocolError);
});
