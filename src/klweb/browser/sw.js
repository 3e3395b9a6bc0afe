// @ts-check
/**
 * The service worker: keeps one release of the site on the reader's device, so that it works without a network.
 *
 * The build joins this module with those that it imports into one classic script, `sw.js` at the site's root, after the
 * list of the release's files. A new release is another list, hence another worker: it waits until no page of the
 * old release is open, and takes over with the next visit.
 */
import { sparing } from "./connection.js";
import { Release } from "./release.js";

const worker = /** @type {ServiceWorkerGlobalScope & {list: import("./release.js").List}} */ (/** @type {unknown} */ (self));
const { scope } = worker.registration;
const release = new Release(worker.list, scope, caches, (input, init) => fetch(input, init));

/** Let the browser itself take files from the cache, and fetch pages, without waiting for this worker to wake up. */
async function route(/** @type {any} */ event) {
  if (!event.addRoutes) return;
  const below = (/** @type {string} */ folder) => ({ urlPattern: new URLPattern(`${folder}*`) });
  await event.addRoutes([
    { condition: { requestMode: "navigate" }, source: "race-network-and-fetch-handler" },
    { condition: { or: release.folders.map(below) }, source: "cache" },
    { condition: { urlPattern: new URLPattern("*://*:*/*") }, source: "network" },
  ]);
}

worker.addEventListener("install", (event) => {
  const routed = route(event).catch((reason) => console.info(`klweb: no routes (${reason})`));
  // Who pays for every byte keeps the old release until the connection is another one.
  const isDear = Boolean(worker.registration.active) && sparing();
  event.waitUntil(isDear ? Promise.reject(new Error("the update waits for another connection"))
    : Promise.all([routed, release.keep()]));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([
    release.discardOthers(),
    // The page of the first visit is to go on without a network too. Files are given out by hash: nothing can be mixed.
    worker.clients.claim(),
    worker.registration.navigationPreload?.enable(),
  ]));
});

worker.addEventListener("fetch", (event) => {
  const answer = release.answer(event.request, event.preloadResponse);
  if (answer) event.respondWith(answer);
});

// A page asks whether everything is there: what was lost, through no doing of ours, is fetched again.
worker.addEventListener("message", (event) => {
  if (event.data?.tag !== "keep") return;
  const [port] = event.ports;
  event.waitUntil(release.keep().then(
    () => port.postMessage({ bytes: release.bytes }),
    (reason) => port.postMessage({ fault: String(reason) }),
  ));
});
