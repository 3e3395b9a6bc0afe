// @ts-check
/**
 * For other people's pages: puts a figure where this script stands, and wherever `<kl-widget>` does.
 *
 *     <script async src="…/embed.js" data-widget="asymmetry" data-preset="mirror-image"></script>
 *
 * A page may hold it many times; the first defines the element. Styles are set as properties, which a host's policy
 * permits where it forbids `style` attributes. Nothing is asked of other origins than the site's.
 */
import { FRAME_NAME, OPTIONS, addressOf, readFromFigure } from "./embedding.js";

const TAG = "kl-widget";
/** How high a figure's room is until it says how high it is; most are a little higher. */
const FIRST_PX = 1100;
/** How long a figure that was fetched may be silent. */
const PATIENCE_MS = 10_000;
/** And one that is seen: where it can't be had, Firefox and WebKit end its fetching without a word. */
const FETCH_MS = 15_000;

/** @type {HTMLScriptElement | null} a page that loads this as a module does not say where it stands */
const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript
  : document.querySelector('script[src*="embed.js"]');
const site = new URL(".", script?.src || document.baseURI).href;

/** @typedef {import("./embedding.js").Word} Word */
/** @type {Set<Embedded>} */
const all = new Set();
/** @type {Map<string, Embedded>} by Python: the figure that holds it, and lets the others join */
const holders = new Map();

class Embedded extends HTMLElement {
  static observedAttributes = ["widget", "site", ...OPTIONS];
  #frame = document.createElement("iframe");
  #note = document.createElement("p");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.#seen.disconnect();
    this.#wait(FETCH_MS);
  });
  /** Whether the figure has said anything, which it may do before its page is complete. */
  #isHeard = false;
  #isReady = false;
  /** Which Python it could share, as far as is known. */
  #python = "";
  /** @type {Record<string, unknown>[]} what was asked before there was anybody to hear it */
  #waiting = [];

  constructor() {
    super();
    const frame = this.#frame;
    // Said before the address, which they are about.
    frame.loading = "lazy";
    frame.name = FRAME_NAME;
    frame.referrerPolicy = "no-referrer";
    frame.allow = "clipboard-write";
    put(frame, { width: "100%", height: `${FIRST_PX}px`, border: "0" });
    frame.addEventListener("load", () => this.#wait(PATIENCE_MS));
    this.#note.hidden = true;
    this.attachShadow({ mode: "open" }).append(this.#note);
  }

  connectedCallback() {
    put(this, { display: "block" });
    addEventListener("message", this.#hear);
    document.addEventListener("securitypolicyviolation", this.#refused);
    all.add(this);
    this.#show();
  }

  disconnectedCallback() {
    removeEventListener("message", this.#hear);
    document.removeEventListener("securitypolicyviolation", this.#refused);
    this.#seen.disconnect();
    clearTimeout(this.#timer);
    all.delete(this);
    this.#forget();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#show();
  }

  /**
   * Ask something of the figure, once it is there: `send({ type: "preset", preset: "identical" })`.
   * @param {Record<string, unknown>} message
   */
  send(message) {
    if (!this.#isReady) this.#waiting.push(message);
    else this.#post(message);
  }

  /** @param {Record<string, unknown>} message @param {readonly MessagePort[]} [ports] */
  #post(message, ports = []) {
    // A frame in a sandbox has no origin that could be named, and this is no secret.
    this.#frame.contentWindow?.postMessage({ source: "klweb-host", version: 1, ...message }, "*", [...ports]);
  }

  /** What was in the frame is there no longer. */
  #forget() {
    this.#isHeard = this.#isReady = false;
    this.#withdraw();
    this.#python = "";
  }

  #withdraw() {
    if (holders.get(this.#python) !== this) return;
    holders.delete(this.#python);
    this.#tellOthers("gone");
  }

  /** @param {Word} word */
  #tellOthers(word) {
    for (const other of all) if (other !== this && other.#python === this.#python) other.#post({ type: "python", word });
  }

  /**
   * Pass on what a figure says of the Python that it has or wants to share.
   * @param {Word | undefined} word
   * @param {readonly MessagePort[]} ports
   */
  #share(word, ports) {
    const holder = holders.get(this.#python);
    if (word === "offer") {
      if (holder || !this.#python) return;
      holders.set(this.#python, this);
      this.#tellOthers(word);
    } else if (word === "gone") this.#withdraw();
    else (holder ?? this).#post({ type: "python", word: holder ? word : "gone" }, holder && ports);
  }

  #show() {
    const widget = this.getAttribute("widget") ?? "";
    const address = addressOf(this.getAttribute("site") ?? site, widget, (option) => this.getAttribute(option));
    const frame = this.#frame;
    if (!address) return this.#say(`There is no figure “${widget.slice(0, 60)}”.`);
    this.#seen.observe(this);
    if (frame.src === address) return;
    put(frame, { display: "block" });
    this.#note.hidden = true;
    this.#forget();
    frame.title = `Figure: ${widget.replaceAll("-", " ")}`;
    frame.src = address;
    // A frame that stood in the page before it had an address would load an empty page first.
    this.shadowRoot?.append(frame);
  }

  /** @param {number} patience */
  #wait(patience) {
    clearTimeout(this.#timer);
    if (!this.#isHeard) this.#timer = setTimeout(() => this.#lose("This figure does not answer here."), patience);
  }

  /**
   * Tell the student, and the page: with a way on, and with what the page's author put there for such a case.
   * @param {string} message
   */
  #lose(message) {
    clearTimeout(this.#timer);
    if (!this.#note.hidden) return;
    const link = document.createElement("a");
    Object.assign(link, { href: this.#frame.src, target: "_blank", rel: "noopener", textContent: "Open it on its own" });
    this.#say(`${message} `, link, " ", document.createElement("slot"));
    this.#tell({ source: "klweb", version: 1, widget: this.getAttribute("widget"), type: "error", message });
  }

  /** @param {SecurityPolicyViolationEvent} event */
  #refused = ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective !== "frame-src" || this.#isHeard || !this.#frame.src.startsWith(blockedURI)) return;
    put(this.#frame, { display: "none" });
    this.#seen.disconnect();
    this.#lose("This page’s policy does not let it show this figure.");
  };

  /** @param {Record<string, unknown>} detail */
  #tell(detail) {
    this.dispatchEvent(new CustomEvent(`kl-${detail.type}`, { bubbles: true, detail }));
  }

  /** @param {(string | Node)[]} words */
  #say(...words) {
    this.#note.replaceChildren(...words);
    this.#note.hidden = false;
  }

  /** @param {MessageEvent} event */
  #hear = ({ source, origin, data, ports }) => {
    const said = source && source === this.#frame.contentWindow ? readFromFigure(data) : null;
    if (!said) return;
    clearTimeout(this.#timer);
    this.#isHeard = true;
    this.#note.hidden = true;
    if (said.type === "python") return this.#share(said.word, ports);
    if (said.type === "ready") {
      this.#forget();
      this.#isHeard = this.#isReady = true;
      // What it says of itself counts among figures of one site only.
      this.#python = said.python ? `${origin} ${new URL(this.#frame.src).origin} ${said.python}` : "";
      if (this.#python) this.#post({ type: "python", word: holders.has(this.#python) ? "offer" : "gone" });
      if (said.title) this.#frame.title = said.title;
      for (const message of this.#waiting.splice(0)) this.send(message);
    }
    if (said.type === "resize") put(this.#frame, { height: `${said.height}px` });
    this.#tell(said);
  };
}

/**
 * @param {HTMLElement} element
 * @param {Record<string, string>} styles
 */
function put(element, styles) {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value, "important");
}

if (!customElements.get(TAG)) customElements.define(TAG, Embedded);
if (script?.dataset.widget && !script.closest("head")) {
  const element = document.createElement(TAG);
  element.setAttribute("site", site);
  for (const name of ["widget", ...OPTIONS]) {
    const value = script.dataset[name];
    if (value) element.setAttribute(name, value);
  }
  script.replaceWith(element);
  // The link that stood there for readers without scripts may not have been parsed yet.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => tidy(element));
  else tidy(element);
}

/**
 * Take away what follows a figure if it is a link to a figure's own page, and nothing else.
 * @param {HTMLElement} element
 */
function tidy(element) {
  // Markdown makes a paragraph of each.
  const next = element.nextElementSibling ?? element.closest("p")?.nextElementSibling;
  const link = next?.matches("a") ? next : next?.querySelector("a");
  if (link?.getAttribute("href")?.startsWith(`${site}embed/`) && link.textContent === next?.textContent.trim()) next?.remove();
}
