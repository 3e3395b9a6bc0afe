// @ts-check
/**
 * What a reader's lines may not reach. In Python, `import js` gives whatever its worker can do.
 *
 * The page's policy holds for the worker as well: no other origin, and no text that is run as JavaScript. What is left are the
 * powers of the site itself: its storage, its caches (from which its pages are made), and requests with a reader's cookies,
 * where the site shares its host. A reader may have been talked into running a stranger's lines, so these are taken away.
 */

const SCOPE = [
  "fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource", "RTCPeerConnection",
  "caches", "indexedDB", "cookieStore", "BroadcastChannel", "Notification",
  "importScripts", "Worker", "SharedWorker", "postMessage",
  "webkitRequestFileSystem", "webkitRequestFileSystemSync", "webkitResolveLocalFileSystemURL", "webkitResolveLocalFileSystemSyncURL",
];
const NAVIGATOR = ["storage", "storageBuckets", "locks", "serviceWorker", "permissions", "usb", "serial", "hid", "gpu"];

/**
 * Take from a worker all that reaches beyond it. Who still has to speak to the page keeps its `postMessage` beforehand.
 * @param {object} scope
 */
export function fence(scope) {
  remove(scope, SCOPE);
  remove(/** @type {any} */ (scope).navigator, NAVIGATOR);
}

/**
 * @param {object | undefined} owner
 * @param {string[]} names
 */
function remove(owner, names) {
  for (let holder = owner; holder; holder = Object.getPrototypeOf(holder)) {
    for (const name of names) Reflect.deleteProperty(holder, name);
  }
}
