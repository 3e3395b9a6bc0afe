// @ts-check
/**
 * How to embed a figure: a dialog with a live preview, what may be asked of it, and the code to paste.
 *
 * A script of its own, with a style sheet, which `host.js` fetches when somebody first presses *Embed*. The preview is the
 * embed page itself, in the sandbox that the code gives it, so that what is seen is what students get.
 */

import { make, makeButton } from "./elements.js";
import { MOST_ASKED, readFromFigure } from "./embedding.js";
import { SANDBOX, addressFor, iframeFor, markdownFor, scriptFor } from "./snippets.js";

/** @typedef {import("./figure.js").Figure} Figure */

/** How high a preview is until it says how high it is. */
const FIRST_PX = 1100;
/** How long a preview may be silent. */
const PATIENCE_MS = 10_000;
/** How long nothing is typed before the preview follows. */
const TYPING_MS = 400;
/** The entry of *Start from* that is no preset's; no preset has such a name. */
const NOW = ":";

/** The site's root: this script lies in a folder of `static/`. */
const SITE = new URL("../../", import.meta.url).href;

/** The ways to embed, and who needs which. */
const WAYS = [
  { name: "script", label: "Script", words: "For pages of your own: one line, and the frame is always as high as its figure." },
  { name: "iframe", label: "iframe", words: "For Canvas, Moodle and whatever else takes scripts out: a frame of fixed height." },
  { name: "markdown", label: "Markdown", words: "For MkDocs, Jupyter Book and Quarto: the script, and a link that remains in a PDF." },
];

/** @type {WeakMap<Figure, Builder>} one for each figure, so that what was chosen is still there */
const builders = new WeakMap();

/**
 * Open the dialog.
 * @param {Figure} figure
 * @param {HTMLButtonElement} opener gets the focus back
 * @returns {Promise<string>} nothing to say: the dialog is there
 */
export async function begin(figure, opener) {
  await loadStyle();
  const builder = builders.get(figure) ?? new Builder(figure);
  builders.set(figure, builder);
  builder.open(opener);
  return "";
}

/** Fetch the style sheet that lies beside this script, once. */
function loadStyle() {
  const href = new URL("builder.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("the style sheet of the dialog could not be loaded. Check the connection, then try again."));
    });
    document.head.append(link);
  });
}

class Builder {
  #dialog = make("dialog", "builder");
  #start = make("select", "");
  #theme = makeSelect(["", "As the reader’s system has it"], ["light", "Light"], ["dark", "Dark"]);
  #ask = make("input", "");
  /** @type {HTMLSelectElement[]} what becomes of each control */
  #rules = [];
  #stage = make("div", "builder-stage");
  #note = make("p", "builder-note");
  /** @type {Map<string, {area: HTMLTextAreaElement, button: HTMLButtonElement, told: HTMLElement}>} by the way's name */
  #codes = new Map();
  /** @type {HTMLIFrameElement | undefined} */
  #frame;
  /** @type {{height: number, width?: number}} */
  #size = { height: FIRST_PX };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** How often something was chosen: what was asked of Python for an earlier choice no longer counts. */
  #turn = 0;

  /** @param {Figure} figure */
  constructor(figure) {
    this.figure = figure;
    this.id = `${figure.element.id}-embed`;
    this.title = figure.element.querySelector(".widget-title")?.textContent?.trim() ?? figure.name;
    this.#build();
  }

  /** @param {HTMLElement} opener */
  open(opener) {
    this.#fillStart();
    this.#dialog.addEventListener("close", () => {
      removeEventListener("message", this.#hear);
      clearTimeout(this.#silence);
      // With its Python, which would go on running.
      this.#frame?.remove();
      this.#frame = undefined;
      opener.focus();
    }, { once: true });
    addEventListener("message", this.#hear);
    this.#dialog.showModal();
    void this.#update();
  }

  #build() {
    const heading = make("h2", "", "Embed this figure");
    heading.id = `${this.id}-title`;
    const close = makeButton("Close", () => this.#dialog.close());
    close.dataset.action = "close";
    this.#dialog.dataset.embed = this.figure.name;
    this.#dialog.setAttribute("aria-labelledby", heading.id);
    this.#dialog.append(
      make("div", "builder-head", make("div", "", heading, make("p", "", this.title)), close),
      make("div", "builder-body", this.#makeOptions(), this.#makePreview(), this.#makeCodes()),
    );
    document.body.append(this.#dialog);
  }

  #makeOptions() {
    const options = make("section", "builder-options", make("h3", "", "What students get"));
    this.#start.name = "start";
    this.#start.autofocus = true;
    this.#theme.name = "theme";
    Object.assign(this.#ask, { name: "ask", type: "text", maxLength: MOST_ASKED, autocomplete: "off" });
    options.append(
      this.#makeField("Start from", this.#start, "An example is there at once. Other values take Python, as soon as they are seen."),
      this.#makeField("Colours", this.#theme),
      this.#makeField("A question above the figure", this.#ask, "Plain text. It may be left empty."),
    );
    const controls = controlsOf(this.figure.element);
    if (controls.size) {
      const folded = make("details", "builder-controls", make("summary", "", "Lock or hide controls"));
      for (const [name, label] of controls) {
        const rule = makeSelect(["", "free"], ["lock", "locked"], ["hide", "hidden"]);
        rule.dataset.rule = name;
        this.#rules.push(rule);
        folded.append(this.#makeField(label, rule));
      }
      options.append(folded);
    }
    options.addEventListener("change", () => this.#update());
    this.#ask.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#update(), TYPING_MS);
    });
    return options;
  }

  /**
   * @param {string} label
   * @param {HTMLInputElement | HTMLSelectElement} field
   * @param {string} [hint]
   */
  #makeField(label, field, hint) {
    field.id = `${this.id}-${field.dataset.rule ? `rule-${field.dataset.rule}` : field.name}`;
    const words = make("label", "", label);
    words.htmlFor = field.id;
    const box = make("div", "builder-field", words, field);
    if (hint) {
      const more = make("p", "", hint);
      more.id = `${field.id}-hint`;
      field.setAttribute("aria-describedby", more.id);
      box.append(more);
    }
    return box;
  }

  #makePreview() {
    this.#note.setAttribute("role", "status");
    const heading = make("h3", "", "Preview");
    heading.id = `${this.id}-preview`;
    // It scrolls where there is little room, and the keyboard has to get at all of it.
    this.#stage.tabIndex = 0;
    this.#stage.setAttribute("role", "region");
    this.#stage.setAttribute("aria-labelledby", heading.id);
    return make("section", "builder-preview", heading, this.#note, this.#stage);
  }

  #makeCodes() {
    const section = make("section", "builder-codes", make("h3", "", "The code to paste"));
    for (const { name, label, words } of WAYS) {
      const heading = make("h4", "", label);
      heading.id = `${this.id}-${name}`;
      const area = make("textarea", "");
      Object.assign(area, { readOnly: true, rows: 4, spellcheck: false });
      area.dataset.code = name;
      area.setAttribute("aria-labelledby", heading.id);
      const told = make("span", "");
      told.setAttribute("role", "status");
      const button = makeButton("Copy", () => copy(area, told), label);
      button.dataset.copy = name;
      this.#codes.set(name, { area, button, told });
      section.append(make("div", "builder-code", heading, make("p", "", words), area, make("p", "builder-copy", button, told)));
    }
    return section;
  }

  /** List what the figure can start from, and choose what it shows now. */
  #fillStart() {
    const { link, presetButtons } = this.figure;
    const before = this.#start.value;
    const presets = presetButtons.map(({ dataset, textContent }) => makeOption(dataset.preset ?? "", textContent ?? ""));
    const isPreset = presetButtons.some(({ dataset }) => dataset.preset === link);
    this.#start.replaceChildren(...presets, ...(isPreset ? [] : [makeOption(NOW, "What is shown now")]));
    if (!before) this.#start.value = isPreset ? link : NOW;
    // Opened again: what was chosen stays, as far as it is there.
    else this.#start.value = before === NOW && isPreset ? link : before;
  }

  /** Bring preview and code in line with what was chosen. */
  async #update() {
    clearTimeout(this.#typing);
    const turn = (this.#turn += 1);
    for (const { told } of this.#codes.values()) told.textContent = "";
    /** @type {Record<string, string>} */
    let start;
    try {
      start = await this.#readStart();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#start.value = this.figure.firstPreset;
      await this.#update();
      this.#note.textContent = `What is shown now can’t be put into words: ${/** @type {Error} */ (error).message}`;
      return;
    }
    if (turn !== this.#turn || !this.#dialog.open) return;
    const ruled = (/** @type {string} */ what) => this.#rules.filter(({ value }) => value === what).map(({ dataset }) => dataset.rule).join();
    const options = { ...start, hide: ruled("hide"), lock: ruled("lock"), theme: this.#theme.value, ask: this.#ask.value };
    this.wish = { site: SITE, widget: this.figure.name, title: this.title, options };
    this.#show(addressFor(this.wish) ?? "");
    this.#write();
  }

  /** @returns {Promise<Record<string, string>>} the option that says what the figure starts from */
  async #readStart() {
    const chosen = this.#start.value;
    if (chosen !== NOW) return { preset: chosen };
    const { link } = this.figure;
    if (!link) this.#wait();
    const text = link || await this.#askPython();
    return text.includes(":") ? { state: text } : { preset: text };
  }

  /** Offer no code for a choice that is not the one made. */
  #wait() {
    this.#note.textContent = "Python is asked for these values…";
    for (const { area, button } of this.#codes.values()) {
      area.value = "";
      button.disabled = true;
    }
  }

  /** Return the text of what is shown where the page has none: of a pair that the page gave, or of a stop. */
  async #askPython() {
    const { figure } = this;
    await figure.prepare();
    const events = figure.begin ? [{ type: "share", name: "pair", value: figure.begin }] : [...figure.asked.values(), ...figure.waiting.values()];
    const question = { op: "events", widget: figure.name, state: figure.shown?.state, events, frame: figure.picture.frame };
    const outcome = await figure.runtime.request(this.id, question);
    if (outcome.status === "ok" && outcome.value.ok) return String(outcome.value.link);
    throw new Error(outcome.status === "error" ? outcome.error.message : "try again.");
  }

  #write() {
    const { wish } = this;
    if (!wish) return;
    const codes = { script: scriptFor(wish), iframe: iframeFor(wish, this.#size), markdown: markdownFor(wish) };
    for (const [name, code] of Object.entries(codes)) {
      const { area, button } = /** @type {{area: HTMLTextAreaElement, button: HTMLButtonElement}} */ (this.#codes.get(name));
      if (area.value !== code) area.value = code;
      button.disabled = false;
    }
  }

  /**
   * Show an embed page, unless it is there already.
   * @param {string} address
   */
  #show(address) {
    this.#note.textContent = "";
    if (this.#frame?.src === address) return;
    // A new frame, since a frame that is sent elsewhere adds to the page's history.
    const frame = (this.#frame = make("iframe", ""));
    frame.setAttribute("sandbox", SANDBOX);
    frame.title = `Preview: ${this.title}`;
    frame.allow = "clipboard-write";
    frame.src = address;
    frame.style.height = `${this.#size.height}px`;
    this.#stage.replaceChildren(frame);
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#note.textContent = "The preview does not answer here. The code is right all the same; its height is a guess.";
    }, PATIENCE_MS);
  }

  /** @param {MessageEvent} event */
  #hear = ({ source, data }) => {
    const frame = this.#frame;
    const said = frame && source === frame.contentWindow ? readFromFigure(data) : null;
    if (!frame || !said) return;
    clearTimeout(this.#silence);
    if (said.type === "error") this.#note.textContent = String(/** @type {any} */ (said).message);
    if (said.type !== "resize") return;
    const height = Math.ceil(/** @type {number} */ (said.height));
    frame.style.height = `${height}px`;
    this.#size = { height, width: frame.clientWidth };
    // Not while Python is asked for what is to be written.
    if (!this.#codes.get("iframe")?.button.disabled) this.#write();
  };
}

/**
 * Return the controls that may be locked or hidden, by name, with what the figure calls them.
 * @param {HTMLElement} element
 * @returns {Map<string, string>}
 */
function controlsOf(element) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const add = (/** @type {string | undefined} */ name, /** @type {string | null | undefined} */ words) => {
    const label = (words ?? "").split(":")[0].trim();
    if (name && label && !found.has(name)) found.set(name, label);
  };
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(".controls [data-control]"))) {
    add(box.dataset.control, box.querySelector("legend, label")?.textContent);
  }
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (element.querySelectorAll(".controls button[name]"))) {
    add(button.name, button.textContent);
  }
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (element.querySelectorAll('.numbers input[type="text"], .numbers > .number-fields input'));
  for (const field of fields) add(field.dataset.number ?? field.name, field.labels?.[0]?.textContent);
  return found;
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {HTMLElement} told
 */
async function copy(area, told) {
  try {
    await navigator.clipboard.writeText(area.value);
    told.textContent = "Copied.";
  } catch {
    area.focus();
    area.select();
    told.textContent = "Your browser did not allow that. The code is selected: copy it as you copy any text.";
  }
}

/**
 * @param {string} value
 * @param {string} words
 */
function makeOption(value, words) {
  const option = make("option", "", words);
  option.value = value;
  return option;
}

/** @param {[string, string][]} options */
function makeSelect(...options) {
  return make("select", "", ...options.map(([value, words]) => makeOption(value, words)));
}
