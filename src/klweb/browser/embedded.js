// @ts-check
/**
 * A figure in somebody else's page: options from the address, and messages from and to the page around it.
 *
 * docs/contract.md has the messages' shapes. What comes is read like an address: it names a preset or a state, which
 * is Python's to judge, and never more than that. Any page may embed, so none is trusted and none is told secrets.
 */
import { isAnswer } from "./checking.js";
import { MOST_ASKED, WORDS } from "./embedding.js";
import { leadOn } from "./place.js";
import { Shared } from "./shared.js";

/** @typedef {import("./figure.js").Figure} Figure */
/** @typedef {import("./runtime.js").Runtime} Runtime */
/** @typedef {{type: "show", text: string} | {type: "reset"} | {type: "error", message: string}} Wish */

const VERSION = 1;
/** The longest state, as in Python. */
const MOST = 4000;

/**
 * Read the options in an address. There is no wrong one: names that are none are left out.
 * @param {string} search
 */
export function readOptions(search) {
  const options = new URLSearchParams(search);
  const names = (/** @type {string} */ option) => (options.get(option) ?? "").split(",").filter((name) => /^[\w.-]{1,40}$/.test(name));
  const ask = [...(options.get("ask") ?? "").replace(/\s+/g, " ").trim()];
  return {
    wanted: options.get("state") ?? options.get("preset"),
    hidden: names("hide"),
    locked: names("lock"),
    ask: ask.length > MOST_ASKED ? `${ask.slice(0, MOST_ASKED - 1).join("")}…` : ask.join(""),
  };
}

/**
 * Read a message of the page around.
 * @param {unknown} data
 * @param {string} widget
 * @param {(name: string) => boolean} hasPreset
 * @returns {Wish | null} null if it is not meant for figures, or for another one
 */
export function readMessage(data, widget, hasPreset) {
  if (typeof data !== "object" || data === null) return null;
  const { source, version, type, preset, state, ...more } = /** @type {Record<string, unknown>} */ (data);
  if (source !== "klweb-host" || type === "python" || (more.widget ?? widget) !== widget) return null;
  const refuse = (/** @type {string} */ message) => /** @type {const} */ ({ type: "error", message });
  if (version !== VERSION) return refuse(`This figure understands messages of version ${VERSION}.`);
  if (type === "reset") return { type };
  if (type !== "preset" && type !== "state") return refuse("A message’s type is “preset”, “state” or “reset”.");
  const text = type === "preset" ? preset : state;
  if (typeof text !== "string" || text.length > MOST) return refuse(`“${type}” must be a text of at most ${MOST} characters.`);
  // The link to a preset's state is the preset's name.
  if (type === "state" && text.includes(":")) return { type: "show", text };
  if (hasPreset(text)) return { type: "show", text };
  return refuse(`There is no example “${text.slice(0, 60)}”.`);
}

/**
 * Read what embed.js passes on from other figures of the page around; docs/contract.md has it, but it is for embed.js alone.
 * @param {unknown} data
 * @returns {import("./embedding.js").Word | null}
 */
export function readWord(data) {
  if (typeof data !== "object" || data === null) return null;
  const { source, version, type, word } = /** @type {Record<string, any>} */ (data);
  return source === "klweb-host" && version === VERSION && type === "python" && WORDS.includes(word) ? word : null;
}

/**
 * @param {Figure} figure
 */
export function setUpEmbed(figure) {
  const { wanted, hidden, locked, ask } = readOptions(location.search);
  if (hidden.length || locked.length) figure.controls.complete();
  for (const name of hidden) controls(figure, name).forEach((control) => control.classList.add("withheld"));
  for (const name of locked) controls(figure, name).forEach(lock);
  // What is hidden can't be dragged either; handles and the fields of lists come later, and ask.
  figure.locked = new Set([...hidden, ...locked]);
  const question = /** @type {HTMLElement} */ (document.querySelector("[data-ask]"));
  question.textContent = ask;
  question.hidden = !ask;

  const isFramed = parent !== window;
  /** @param {unknown} message @param {Transferable[]} [transfer] */
  const post = (message, transfer) => { if (isFramed) parent.postMessage(message, "*", transfer); };
  /** @param {Record<string, any>} message @param {Transferable[]} [transfer] */
  const tell = (message, transfer) => post({ source: "klweb", version: VERSION, widget: figure.name, ...message }, transfer);
  let lastFault = "";
  /** @param {string} message */
  function tellFault(message) {
    if (message !== lastFault) tell({ type: "error", message });
    lastFault = message;
  }

  followSize(figure, (height) => {
    tell({ type: "resize", height });
    // Learning platforms ask for it as a text, or for an object.
    const resize = { subject: "lti.frameResize", height };
    post(resize);
    post(JSON.stringify(resize));
  });

  leadOn(figure);
  figure.element.addEventListener("klweb:state", (event) => {
    const { state, link, view } = /** @type {CustomEvent} */ (event).detail;
    const readouts = Object.fromEntries(view.readouts.map((/** @type {any} */ item) => [item.name, item.value]));
    tell({ type: "state", state, link, readouts });
  });
  // What a student is told of, and a start that failed before anybody wanted it.
  new MutationObserver(() => {
    if (figure.notice.isFailure) tellFault(figure.notice.box.querySelector("span")?.textContent ?? "");
    else if (figure.notice.box.hidden) lastFault = "";
  }).observe(figure.notice.box, { attributes: true, childList: true });
  figure.runtime.subscribe((snapshot) => {
    if (snapshot.phase === "failed") tellFault(snapshot.message);
  });

  let turn = 0;
  /**
   * Show what the page around asks for; what can't be shown changes nothing.
   * @param {Wish} wish
   */
  async function answer(wish) {
    if (wish.type === "error") return tell(wish);
    turn += 1;
    const mine = turn;
    const text = wish.type === "show" ? wish.text : (wanted ?? figure.firstPreset);
    if (wish.type === "show" && text.includes(":")) {
      const message = await refusal(figure, text);
      if (mine !== turn) return;
      if (message) return tell({ type: "error", message });
    }
    figure.notice.clear();
    await figure.open(text);
  }
  const outputs = /** @type {NodeListOf<HTMLElement>} */ (figure.element.querySelectorAll("[data-readout]"));
  const readouts = new Set([...outputs].map((output) => output.dataset.readout ?? ""));
  const isSound = (/** @type {string} */ text) => {
    try {
      return isAnswer(JSON.parse(text), readouts);
    } catch {
      return false;
    }
  };
  const shared = new Shared(/** @type {Runtime} */ (figure.runtime), (word, transfer) => tell({ type: "python", word }, transfer), isSound);
  if (isFramed) {
    addEventListener("message", ({ source, data, ports }) => {
      if (source !== parent) return;
      const word = readWord(data);
      if (word) return shared.hear(word, ports[0]);
      const wish = readMessage(data, figure.name, (name) => figure.hasPreset(name));
      if (wish) void answer(wish);
    });
  }

  if (wanted !== null && wanted !== figure.firstPreset) void begin(figure, wanted, shared, tell);
  tell({ type: "ready", title: document.title, python: shared.release });
}

/**
 * Show what the address asks for: a preset at once; a state, which takes Python, when somebody comes to see it.
 * @param {Figure} figure
 * @param {string} wanted
 * @param {Shared} shared
 * @param {(message: Record<string, any>) => void} tell
 */
async function begin(figure, wanted, shared, tell) {
  if (!wanted.includes(":")) {
    if (!figure.hasPreset(wanted)) tell({ type: "error", message: `There is no example “${wanted.slice(0, 60)}”.` });
    return figure.open(wanted);
  }
  await new Promise((resolve) => {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen.disconnect();
      resolve(undefined);
    });
    seen.observe(figure.element);
  });
  await shared.known;
  void figure.open(wanted);
  const message = await refusal(figure, wanted);
  if (message) tell({ type: "error", message });
}

/**
 * Return why a state can't be shown, or nothing if it can.
 * @param {Figure} figure
 * @param {string} text
 */
async function refusal(figure, text) {
  const question = { op: "decode", widget: figure.name, text, frame: figure.picture.frame };
  const outcome = await figure.runtime.request(`${figure.element.id}-host`, question);
  if (outcome.status === "ok") return outcome.value.ok ? "" : String(outcome.value.error?.message);
  // A newer one took its place, and that one is answered.
  return outcome.status === "error" ? outcome.error.message : "";
}

/**
 * Say the page's height, at first and whenever it changes.
 * @param {Figure} figure
 * @param {(height: number) => void} say
 */
function followSize(figure, say) {
  const picture = /** @type {HTMLElement} */ (figure.element.querySelector(".picture"));
  let told = 0;
  // A page around that follows needs no scrollbar here. Where bars take room, one would keep itself: it narrows the
  // picture, which is lower then, and at that height there is no room for the picture without it.
  const judge = () => document.documentElement.classList.toggle("sized", Math.abs(innerHeight - told) <= 1);
  addEventListener("resize", judge);
  new ResizeObserver(() => {
    // Where the picture is wider than its box, the keyboard has to get at all of it.
    if (picture.scrollWidth > picture.clientWidth) picture.tabIndex = 0;
    else picture.removeAttribute("tabindex");
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === told || !height) return;
    told = height;
    say(height);
    // The frame may have had that height before it was asked for.
    setTimeout(judge, 500);
  }).observe(document.documentElement);
}

/**
 * Return the boxes of a control: beside the picture, and among the numbers.
 * @param {Figure} figure
 * @param {string} name
 */
function controls(figure, name) {
  const { element } = figure;
  const found = element.querySelectorAll(`[data-control="${name}"], button[name="${name}"], [data-list="${name}"]`);
  const fields = [...element.querySelectorAll(`[data-number="${name}"], input[type="text"][name="${name}"]`)];
  const boxes = fields.map((field) => field.closest("label, .number-list"));
  return /** @type {HTMLElement[]} */ ([...found, ...boxes].filter(Boolean));
}

/**
 * @param {HTMLElement} control
 */
function lock(control) {
  if (control instanceof HTMLFieldSetElement || control instanceof HTMLButtonElement) control.disabled = true;
  for (const input of control.querySelectorAll("input, select, button")) input.setAttribute("disabled", "");
}
