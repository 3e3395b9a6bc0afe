// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Release, discard } from "../../src/klweb/browser/release.js";

const SCOPE = "https://example.org/courses/kl/";
const ONE = "static/0123456789ab/host.js";
const TWO = "data/asymmetry.desk.0123456789ab.json";
const LIST = {
  id: "0123456789ab",
  files: /** @type {Record<string, [number, string]>} */ ({
    "": [10, "sha256-front"], "about/": [20, "sha256-about"], [ONE]: [30, "sha256-one"], [TWO]: [40, "sha256-two"],
  }),
};
const OWN = "klweb /courses/kl/ 0123456789ab";

/** A cache storage in memory, which fails when told to. */
class FakeStorage {
  /** @type {Map<string, Map<string, Response>>} */
  all = new Map();
  /** @type {Error | undefined} */
  full;
  /** @type {Error | undefined} */
  broken;
  /** @param {string} name */
  async open(name) {
    if (!this.all.has(name)) this.all.set(name, new Map());
    const entries = /** @type {Map<string, Response>} */ (this.all.get(name));
    return {
      keys: async () => [...entries.keys()].map((url) => ({ url })),
      put: async (/** @type {string} */ url, /** @type {Response} */ response) => {
        if (this.full) throw this.full;
        entries.set(url, response);
      },
    };
  }
  /** @param {string} url @param {{cacheName?: string}} [options] */
  async match(url, { cacheName } = {}) {
    if (this.broken) throw this.broken;
    for (const [name, entries] of this.all) {
      if ((!cacheName || cacheName === name) && entries.has(url)) return entries.get(url)?.clone();
    }
    return undefined;
  }
  /** @param {string} name */
  async delete(name) { return this.all.delete(name); }
  async keys() { return [...this.all.keys()]; }
  /** What a cache holds, by path below the site. @param {string} name */
  paths(name) { return [...this.all.get(name)?.keys() ?? []].map((url) => url.replace(SCOPE, "")).sort(); }
}

/** @type {FakeStorage} */
let storage;
/** @type {{url: string, init: any}[]} */
let asked;
/** @type {(url: string, init: any) => Response | Promise<Response>} */
let network;
/** @type {Release} */
let release;

beforeEach(() => {
  storage = new FakeStorage();
  asked = [];
  network = (url) => new Response(`network ${url}`);
  release = make(LIST);
});
afterEach(() => mock.restoreAll());

/** @param {typeof LIST} list */
function make(list) {
  return new Release(list, SCOPE, /** @type {any} */ (storage), async (input, init) => {
    const url = typeof input === "string" ? input : input.url;
    asked.push({ url, init });
    return network(url, init);
  });
}

/** @param {string} path @param {Partial<Request>} [more] */
const request = (path, more) => /** @type {Request} */ ({ method: "GET", mode: "cors", ...more, url: new URL(path, SCOPE).href });
/** @param {string} path */
const navigation = (path) => request(path, { mode: "navigate" });
/** @param {string} cache @param {string} path @param {string} text */
async function put(cache, path, text) {
  await (await storage.open(cache)).put(new URL(path, SCOPE).href, new Response(text));
}
const offline = () => { throw new TypeError("Failed to fetch"); };
const text = async (/** @type {Promise<Response> | undefined} */ answer) => (await answer)?.text();

// ── keeping ──────────────────────────────────────────────────────────────────────────────────

test("everything is fetched once, checked by its hash, and behind all else", async () => {
  await release.keep();
  assert.deepEqual(storage.paths(OWN), Object.keys(LIST.files).sort());
  assert.deepEqual(asked.map(({ url, init }) => [url.replace(SCOPE, ""), init.integrity, init.priority, init.cache]).sort(), [
    ["", "sha256-front", "low", "no-cache"], ["about/", "sha256-about", "low", "no-cache"],
    [TWO, "sha256-two", "low", "force-cache"], [ONE, "sha256-one", "low", "force-cache"],
  ].sort());
  assert.equal(release.bytes, 100);
});

test("what is there is not fetched again", async () => {
  let left = 3;
  network = (url) => (left-- > 0 ? new Response(url) : offline());
  await assert.rejects(release.keep(), /Failed to fetch/);
  assert.equal(storage.paths(OWN).length, 3);
  asked = [];
  network = (url) => new Response(url);
  await release.keep();
  assert.equal(asked.length, 1);
  await release.keep();
  assert.equal(asked.length, 1);
});

test("two wishes at once are one", async () => {
  await Promise.all([release.keep(), release.keep()]);
  assert.equal(asked.length, 4);
});

test("few files are fetched at a time", async () => {
  let [now, most] = [0, 0];
  network = async (url) => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    return new Response(url);
  };
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`data/${index}.0123456789ab.json`, LIST.files[ONE]]));
  await make({ id: "x", files: many }).keep();
  assert.equal(asked.length, 20);
  assert.ok(most <= 3, `${most} at a time`);
});

test("a copy in the browser's cache that is not the one expected is fetched anew", async () => {
  network = (url, init) => (init.cache === "reload" ? new Response(url) : offline());
  await release.keep();
  assert.equal(asked.filter(({ init }) => init.cache === "reload").length, 4);
});

for (const [what, answer] of /** @type {[string, () => Response][]} */ ([
  ["an error", () => new Response("", { status: 404 })],
  ["a part", () => new Response("half", { status: 206 })],
  ["a redirect", () => Object.defineProperty(new Response("elsewhere"), "redirected", { value: true })],
  ["an opaque answer", () => Response.error()],
])) {
  test(`${what} is not kept`, async () => {
    network = answer;
    await assert.rejects(release.keep());
    assert.deepEqual(storage.paths(OWN), []);
  });
}

test("files of an older release are taken over, pages are not", async () => {
  await put("klweb /courses/kl/ older", ONE, "shared");
  await put("klweb /courses/kl/ older", "about/", "old");
  await release.keep();
  assert.equal(asked.some(({ url }) => url.endsWith(ONE)), false);
  assert.equal(await text(release.answer(request(ONE))), "shared");
  assert.match(await storage.all.get(OWN)?.get(`${SCOPE}about/`)?.text() ?? "", /^network/);
});

test("a device that is full is given its room back", async () => {
  storage.full = new DOMException("full", "QuotaExceededError");
  await assert.rejects(release.keep(), { name: "QuotaExceededError" });
  assert.equal(storage.all.has(OWN), false);
});

test("nothing is fetched where there is no room for it", async () => {
  const estimate = async () => ({ quota: 150, usage: 51 });
  mock.getter(globalThis, "navigator", () => ({ storage: { estimate } }));
  await assert.rejects(release.keep(), { name: "QuotaExceededError" });
  assert.equal(asked.length, 0);
});

test("a browser that does not tell its room is tried", async () => {
  const estimate = async () => { throw new TypeError("not here"); };
  mock.getter(globalThis, "navigator", () => ({ storage: { estimate } }));
  await release.keep();
  assert.equal(asked.length, 4);
});

test("of a file in several encodings the smallest is kept that the browser decodes", async () => {
  /** @type {[number, string, string]} */
  const large = [50, "sha256-large", "deflate"];
  const files = { ...LIST.files, "runtime/a.0123456789ab.bin": large,
    "runtime/b.0123456789ab.bin": [40, "sha256-b", "gzip", 90], "runtime/c.0123456789ab.bin": [30, "sha256-c", "squeezed"] };
  const some = make(/** @type {any} */ ({ id: LIST.id, files }));
  await some.keep();
  assert.deepEqual(storage.paths(OWN).filter((path) => path.startsWith("runtime/")), ["runtime/b.0123456789ab.bin"]);
  assert.equal(some.bytes, 190, "what it takes on the device, decoded");
});

// ── answering ────────────────────────────────────────────────────────────────────────────────

test("what is not ours is left to the browser", () => {
  for (const other of [
    request(ONE, { method: "POST" }), request(`https://elsewhere.org/courses/kl/${ONE}`), request(`/${ONE}`),
    request("/courses/klx/static/0123456789ab/host.js"), request("robots.txt"), request("sw.js"), request("about/"),
    request("https://example.org:8443/courses/kl/"),
  ]) {
    assert.equal(release.answer(other), undefined, other.url);
  }
});

test("a file comes from the cache, without the network", async () => {
  await release.keep();
  network = offline;
  assert.match(await text(release.answer(request(ONE))) ?? "", /^network .*host\.js$/);
});

test("a file of another kept release is given out as well: its name is its content", async () => {
  await put("klweb /courses/kl/ newer", "static/ba9876543210/host.js", "newer");
  network = offline;
  assert.equal(await text(release.answer(request("static/ba9876543210/host.js"))), "newer");
});

test("a file that is not kept, or no more, comes from the network", async () => {
  assert.match(await text(release.answer(request(ONE))) ?? "", /^network/);
  await release.keep();
  storage.broken = new DOMException("gone", "UnknownError");
  assert.match(await text(release.answer(request(ONE))) ?? "", /^network/);
});

test("a page comes from the network first", async () => {
  await release.keep();
  network = () => new Response("new");
  assert.equal(await text(release.answer(navigation("about/"))), "new");
  assert.equal(await text(release.answer(navigation("about/"), Promise.resolve(new Response("preloaded")))), "preloaded");
  network = () => new Response("trouble", { status: 503 });
  assert.equal((await release.answer(navigation("about/")))?.status, 503);
});

test("without a network a page comes from this release alone", async () => {
  await put("klweb /courses/kl/ older", "about/", "old");
  network = offline;
  await assert.rejects(async () => release.answer(navigation("about/")));
  await put(OWN, "about/", "kept");
  for (const path of ["about/", "about/?theme=dark", "about/index.html"]) {
    assert.equal(await text(release.answer(navigation(path))), "kept", path);
  }
  assert.equal(await text(release.answer(navigation("about/"), Promise.reject(new TypeError("offline")))), "kept");
});

test("a folder without its slash leads to its page", async () => {
  await release.keep();
  network = offline;
  const answer = await release.answer(navigation("about?theme=dark"));
  assert.equal(answer?.status, 302);
  assert.equal(answer?.headers.get("Location"), `${SCOPE}about/?theme=dark`);
});

test("without a network a page that there is not fails as it would without us", async () => {
  await release.keep();
  network = offline;
  for (const path of ["nothing/", ONE, "toString/", "nothing"]) {
    await assert.rejects(async () => release.answer(navigation(path)), /Failed to fetch/, path);
  }
});

// ── making room ──────────────────────────────────────────────────────────────────────────────

test("only the releases of this site are deleted", async () => {
  const others = ["klweb /courses/kl/copy/ 0123456789ab", "klweb /courses/ 0123456789ab", "klweb", "somebody's"];
  for (const name of [OWN, "klweb /courses/kl/ older", ...others]) await storage.open(name);
  await release.discardOthers();
  assert.deepEqual(await storage.keys(), [OWN, ...others]);
  await discard(/** @type {any} */ (storage), SCOPE);
  assert.deepEqual(await storage.keys(), others);
});
