// @ts-check
/**
 * Keeps the whole site on the reader's device, in the background, and says so in one line of the footer, which also
 * takes it back. Where that can't be, for whatever reason, the line stays away and all else works as on a first visit.
 */
import { sparing } from "./connection.js";
import { discard } from "./release.js";

/** @typedef {import("./runtime.js").Runtime} Runtime */

const CHOICE = "klweb-offline";
/** How long to wait, in ms, for Python to be wanted, so that its files and the others don't come at once. */
const PATIENCE = 4000;

/**
 * @param {HTMLElement} line
 * @param {string} script the service worker's address: it keeps what lies beside and below it
 * @param {Runtime} runtime
 */
export async function setUpOffline(line, script, runtime) {
  const words = /** @type {HTMLElement} */ (line.querySelector("span"));
  const button = /** @type {HTMLButtonElement} */ (line.querySelector("button"));
  const url = new URL(script, document.baseURI).href;
  const scope = new URL("./", url).href;
  const say = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ act) => {
    words.textContent = text;
    button.textContent = label;
    button.onclick = act;
    line.hidden = false;
  };
  // What was done at a reader's word is said aloud; what was so before is just there to be read.
  const sayAloud = () => words.setAttribute("role", "status");

  let turn = 0;

  /** @param {boolean} [asked] */
  async function keep(asked = false) {
    const mine = (turn += 1);
    try {
      const registration = await navigator.serviceWorker.register(url);
      const isNew = !registration.active;
      const bytes = await ask(await activeOf(registration));
      if (mine !== turn) return; // the reader has thought better of it
      if (isNew) sayAloud();
      const size = `${(bytes / 1e6).toFixed(1)}\u00a0MB`;
      say(`This site ${isNew || asked ? "now works" : "works"} offline on this device (${size}).`, "Remove", remove);
    } catch (reason) {
      console.info(`klweb: not kept for offline use: ${reason}`);
      if (asked && mine === turn) say("This site could not be kept: check the connection and the room on this device.", "Try again", keepAgain);
    }
  }

  async function remove() {
    turn += 1;
    remember("no");
    sayAloud();
    try {
      await (await navigator.serviceWorker.getRegistration(url))?.unregister();
      await discard(caches, scope);
      say("This site is no longer kept on this device.", "Keep it", keepAgain);
    } catch (reason) {
      console.info(`klweb: not removed: ${reason}`);
      say("The kept copy could not be removed: your browser’s settings for this site can do it.", "Try again", remove);
    }
  }

  function keepAgain() {
    remember("");
    sayAloud();
    say("Fetching the whole site…", "Stop", remove);
    void keep(true);
  }

  try {
    // In sandboxed frames even a look at them throws.
    if (!navigator.serviceWorker || !globalThis.caches) return;
  } catch {
    return;
  }
  if (remembered() === "no") return say("This site is not kept for offline use.", "Keep it", keepAgain);
  await calm(runtime);
  await keep();
}

/**
 * Wait until fetching everything disturbs nobody: Python is up, or nobody seems to want it and bytes cost nothing.
 * @param {Runtime} runtime
 * @returns {Promise<void>}
 */
function calm(runtime) {
  return new Promise((resolve) => {
    runtime.subscribe(({ phase }) => { if (phase === "ready") resolve(); });
    if (sparing()) return;
    if (!document.querySelector("figure.widget")) resolve();
    else setTimeout(() => { if (runtime.snapshot.phase === "idle") resolve(); }, PATIENCE);
  });
}

/**
 * Wait for the worker that answers for the site: the present one, or else the first.
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<ServiceWorker>}
 */
function activeOf({ active, installing, waiting }) {
  const worker = active ?? waiting ?? installing;
  if (!worker) return Promise.reject(new Error("there is no worker"));
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === "activated") resolve(worker);
      if (worker.state === "redundant") reject(new Error("the files could not be kept"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

/**
 * Let the worker make sure that everything is there.
 * @param {ServiceWorker} worker
 * @returns {Promise<number>} the bytes that are kept
 */
function ask(worker) {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      if (typeof data?.bytes === "number") resolve(data.bytes);
      else reject(new Error(data?.fault));
    };
    worker.postMessage({ tag: "keep" }, [port2]);
  });
}

function remembered() {
  try {
    return localStorage.getItem(CHOICE) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} choice */
function remember(choice) {
  try {
    if (choice) localStorage.setItem(CHOICE, choice);
    else localStorage.removeItem(CHOICE);
  } catch {
    // Then it is removed for this visit.
  }
}
