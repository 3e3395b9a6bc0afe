// @ts-check
/**
 * The cell below a figure: the lines of Python that compute what it shows, to be read, changed and run.
 *
 * A script of its own, which `host.js` fetches when a reader asks for the lines. They come from the figures' Python, and run
 * in another one, in a worker that can be ended at any time. Only the reader puts anything into the cell, and only the
 * reader's press runs it: there is no link and no message that does.
 */

import { makeBlobWorker } from "./blob.js";
import * as wire from "./cell-protocol.js";
import { find, make, makeButton } from "./elements.js";
import * as protocol from "./protocol.js";
import { listenTo } from "./spawn.js";
import { fetchManifest } from "./whole.js";

/** @typedef {import("./figure.js").Figure} Figure */
/** @typedef {import("./runtime.js").Runtime} Runtime */

/** How long lines may run, and how long the worker may say nothing at all while it starts or fetches. */
const LIMIT_MS = 30_000;
const SILENCE_MS = 60_000;

/**
 * Put a cell below the button that asks for it, or take it away again.
 * @param {Figure} figure
 * @param {HTMLButtonElement} button
 * @returns {Promise<string>} what came of it, where that is not to be seen
 */
export async function begin(figure, button) {
  const cell = cells.get(figure) ?? new Cell(figure, button);
  cells.set(figure, cell);
  return cell.toggle();
}

/** @type {WeakMap<Figure, Cell>} */
const cells = new WeakMap();

class Cell {
  /** The figure's lines, and the state that they are for. */
  #lines = "";
  #state = "";
  /** Whether the figure shows something else by now. */
  #isBehind = false;
  /** @type {Promise<string> | undefined} */
  #filling;
  /** @type {Worker | undefined} */
  #worker;
  #isFresh = false;
  /** @type {"idle" | "starting" | "running"} */
  #phase = "idle";
  #id = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #began = 0;

  /** @param {Figure} figure @param {HTMLButtonElement} opener */
  constructor(figure, opener) {
    this.figure = figure;
    this.opener = opener;
    this.url = new URL(/** @type {Runtime} */ (figure.runtime).manifestUrl);
    const id = `${figure.element.id}-cell`;

    const area = this.area = make("textarea", "");
    Object.assign(area, { id, spellcheck: false, autocapitalize: "off", rows: 8 });
    area.setAttribute("autocorrect", "off");
    area.setAttribute("aria-describedby", `${id}-keys`);
    area.dataset.cell = "lines";
    area.addEventListener("input", () => this.#changed());
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.run();
    });
    const label = make("label", "", "These lines compute the numbers above, with klweb’s own functions. Change them as you like.");
    label.htmlFor = id;
    const keys = make("p", "cell-hint cell-keys",
      make("kbd", "", "Ctrl"), " or ", make("kbd", "", "⌘"), " + ", make("kbd", "", "Enter"), " runs them. ", make("kbd", "", "Tab"), " leaves the field.");
    keys.id = `${id}-keys`;

    this.runButton = this.#button("run", "Run", () => this.run());
    this.stopButton = this.#button("stop", "Stop", () => this.#end("Stopped. The next run starts Python anew."));
    this.backButton = this.#button("back", "", () => void this.#renew());
    this.copyButton = this.#button("copy", "Copy", () => void this.#copy());
    this.stopButton.hidden = this.backButton.hidden = true;

    this.status = make("p", "cell-hint");
    this.status.setAttribute("role", "status");
    this.status.dataset.cell = "status";
    this.output = make("div", "cell-output");
    for (const [name, value] of Object.entries({ role: "log", "aria-label": "What the lines print", tabindex: "0" })) {
      this.output.setAttribute(name, value);
    }
    this.output.dataset.cell = "output";
    this.output.hidden = true;
    this.elsewhere = make("p", "cell-hint");
    this.box = make("div", "cell", label, area, keys,
      make("p", "actions", this.runButton, this.stopButton, this.backButton, this.copyButton),
      this.status, this.output, this.elsewhere);
    this.box.id = `${id}-box`;
    this.box.hidden = true;
    const fieldset = /** @type {HTMLElement} */ (opener.closest("fieldset"));
    fieldset.append(this.box);
    /** Where it is said what came of a press. */
    this.note = find(fieldset, "[role=status]");
    opener.setAttribute("aria-controls", this.box.id);
    figure.element.addEventListener("klweb:state", (event) => {
      this.#isBehind = JSON.stringify(/** @type {CustomEvent} */ (event).detail.state) !== this.#state;
      this.#changed();
    });
    addEventListener("resize", () => this.#fit());
    void this.#tellSize();
  }

  /**
   * @param {string} name
   * @param {string} words
   * @param {() => void} act
   */
  #button(name, words, act) {
    const button = makeButton(words, act);
    button.dataset.cell = name;
    return button;
  }

  /** Say what the first run costs, and how pip gets klweb. */
  async #tellSize() {
    try {
      const { files, wheel } = await fetchManifest(this.url.href, false);
      const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
      if (!this.status.textContent) this.#say(`The first run fetches a whole Python, ${(bytes / 1e6).toFixed(1)} MB, once.`);
      const { protocol: kind, href } = new URL(wheel, this.url);
      if (kind.startsWith("http")) this.elsewhere.replaceChildren("In a Python of your own: ", make("code", "", `pip install ${href}`));
    } catch {
      // A run will tell.
    }
  }

  /** Show the cell, with the figure's lines if it has none, or hide it. */
  async toggle() {
    if (!this.box.hidden) {
      this.#show(false);
      return "";
    }
    if (this.area.value.trim()) {
      this.#show(true);
      return "";
    }
    if (this.figure.runtime.snapshot.phase !== "ready") this.note.textContent = "Python is starting. The lines come with it.";
    // A second press meanwhile waits for the same lines.
    this.#filling ??= this.#fill().finally(() => { this.#filling = undefined; });
    const fault = await this.#filling;
    if (!fault) this.#show(true);
    return fault;
  }

  /** @param {boolean} isOpen */
  #show(isOpen) {
    this.box.hidden = !isOpen;
    this.opener.setAttribute("aria-expanded", String(isOpen));
    this.#changed();
  }

  /**
   * Put the figure's lines into the cell.
   * @returns {Promise<string>} why there are none, if there are none
   */
  async #fill() {
    const { figure } = this;
    const { runtime, element } = figure;
    await figure.prepare();
    if (!await (runtime.snapshot.phase === "failed" ? runtime.retry() : runtime.start())) {
      return `Without Python there are no lines to show. ${runtime.snapshot.message}`;
    }
    // A linked state is on its way, and comes or is refused; either is shown.
    if (figure.opening) await new Promise((resolve) => element.addEventListener("klweb:state", resolve, { once: true }));
    const state = figure.shown?.state ?? {};
    const events = figure.begin ? [{ type: "share", value: figure.begin }] : [...figure.asked.values(), ...figure.waiting.values()];
    const outcome = await runtime.request(`${element.id}-code`, { op: "code", widget: figure.name, state, events });
    if (outcome.status !== "ok") return outcome.status === "error" ? outcome.error.message : "";
    if (!outcome.value.ok) return String(outcome.value.error.message);
    this.#lines = outcome.value.code;
    this.#state = JSON.stringify(outcome.value.state);
    this.#isBehind = false;
    this.#type(this.#lines);
    return "";
  }

  /** The figure's lines again, in place of what is there. */
  async #renew() {
    this.area.focus();
    const fault = await this.#fill();
    this.#say(fault || "These are the figure’s lines. Undo brings back what was there.");
  }

  /**
   * Replace the text as if it had been typed, so that a reader can undo it.
   * @param {string} text
   */
  #type(text) {
    const { area } = this;
    area.select();
    // There is no other way to write into a field and keep its history.
    const isTyped = area.value !== "" && document.activeElement === area && document.execCommand("insertText", false, text);
    if (!isTyped) area.value = text;
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
    this.#changed();
  }

  /** Follow the text, and offer the way back to the figure's lines where there is one. */
  #changed() {
    const { area, backButton } = this;
    const isEdited = area.value !== this.#lines;
    backButton.hidden = !this.#isBehind && !isEdited;
    const words = this.#isBehind ? "Update from the figure" : "Back to the figure’s lines";
    if (backButton.textContent !== words) backButton.textContent = words;
    this.#fit();
  }

  /** Make the field as high as its text, in browsers that don't by themselves. */
  #fit() {
    const { area } = this;
    if (this.box.hidden || CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.area.value);
      this.#say("The lines are copied.");
    } catch {
      this.area.focus();
      this.area.select();
      this.#say("This page may not copy by itself. The lines are selected: copy them with the keyboard or the menu.");
    }
  }

  /** Run what stands in the cell. */
  run() {
    if (this.#phase !== "idle") return;
    this.#phase = "starting";
    this.#id += 1;
    this.output.replaceChildren();
    this.output.hidden = true;
    this.runButton.setAttribute("aria-disabled", "true");
    this.stopButton.hidden = false;
    this.#say(this.#worker ? "Running" : "Fetching Python");
    this.#awaitWord();
    try {
      this.#worker ??= this.#start();
      this.#worker.postMessage(wire.run(this.#id, this.area.value));
    } catch (reason) {
      this.#end(`This browser would not start Python (${reason}).`);
    }
  }

  #start() {
    const script = new URL("cell-worker.js", import.meta.url).href;
    const worker = makeBlobWorker(script, protocol.start(null, this.url.href, this.#isFresh));
    const isMine = () => this.#worker === worker;
    listenTo(worker, (message) => isMine() && this.#hear(message),
      () => isMine() && this.#end("Python broke down. The next run starts it anew."), wire.readFromCell);
    this.#isFresh = false;
    return worker;
  }

  /** @param {wire.FromCell} message */
  #hear(message) {
    if (message.tag === "failed") {
      this.#isFresh = true;
      return this.#end(message.message);
    }
    if (this.#phase === "idle" || ("id" in message && message.id !== this.#id)) return;
    if (message.tag === "output") return this.#print(message.kind, message.text);
    if (message.tag === "done") return this.#rest(this.#summary(message.good));
    this.#awaitWord();
    if (message.tag === "progress") {
      const { loaded, total, what } = message;
      const size = `${(loaded / 1e6).toFixed(1)}${total ? ` of ${(total / 1e6).toFixed(1)}` : ""} MB`;
      this.#say(loaded === total ? what : `${what}: ${size}`);
    }
    if (message.tag === "running") {
      this.#phase = "running";
      this.#began = performance.now();
      this.#say(`Running, for ${LIMIT_MS / 1000} seconds at most`);
      this.#after(LIMIT_MS, `Stopped after ${LIMIT_MS / 1000} seconds, the longest that a run may take. The next run starts Python anew.`);
    }
  }

  /** @param {boolean} good */
  #summary(good) {
    if (this.#phase !== "running") return "Not run.";
    const seconds = (performance.now() - this.#began) / 1000;
    const time = `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(0)} s`;
    return good ? `Done in ${time}.` : `Ended with an error after ${time}.`;
  }

  /**
   * @param {wire.Kind} kind
   * @param {string} text
   */
  #print(kind, text) {
    const { output } = this;
    output.hidden = false;
    const isAtEnd = output.scrollTop + output.clientHeight > output.scrollHeight - 4;
    const { lastChild } = output;
    if (lastChild instanceof HTMLElement && lastChild.className === kind) lastChild.append(text);
    else output.append(make("span", kind, text));
    // Errors come last, so the end is kept in sight, unless a reader has scrolled away from it.
    if (isAtEnd) output.scrollTop = output.scrollHeight;
  }

  #awaitWord() {
    this.#after(SILENCE_MS, `Python is stuck: nothing has come for ${SILENCE_MS / 1000} seconds. The next run starts it anew.`);
  }

  /** @param {number} time @param {string} words */
  #after(time, words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(words), time);
  }

  /** Give the worker up, and whatever it does. @param {string} words */
  #end(words) {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#rest(words);
  }

  /** @param {string} words */
  #rest(words) {
    clearTimeout(this.#timer);
    this.#phase = "idle";
    this.runButton.removeAttribute("aria-disabled");
    if (document.activeElement === this.stopButton) this.runButton.focus();
    this.stopButton.hidden = true;
    this.#say(words);
  }

  /** @param {string} words */
  #say(words) {
    this.status.textContent = words;
  }
}
