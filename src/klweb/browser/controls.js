// @ts-check
// The native controls of a figure: sliders, choices, buttons, number fields, lists. They say what a reader set, and show
// what holds; what is right is decided in Python.

import { setLetters, setText } from "./letters.js";

/**
 * @typedef {{type: "set" | "press" | "share", name: string, value?: any}} ControlEvent
 * @typedef {(event: ControlEvent) => void} Send
 * @typedef {Record<string, any>} State
 */

/**
 * @typedef {object} Places where one entry of a state is shown
 * @property {HTMLInputElement[]} controls sliders and choices; handles look after themselves
 * @property {Element | null} shown the number beside a slider
 * @property {HTMLInputElement | null} number
 * @property {HTMLInputElement | null} list all numbers of a list at once
 * @property {Element | null} fields one number field for each entry of a list
 */

/** Numbers as number fields show them: as short as six digits allow. */
const short = (/** @type {number} */ value) => String(Number(value.toPrecision(6)));

export class Controls {
  /**
   * @param {HTMLElement} figure
   * @param {Send} send
   * @param {(name: string) => boolean} isLocked
   */
  constructor(figure, send, isLocked) {
    this.figure = figure;
    this.send = send;
    this.isLocked = isLocked;
    /** @type {WeakMap<HTMLInputElement, string>} what was last sent from a field: Enter and leaving it are one act */
    this.sent = new WeakMap();
    /** @type {HTMLElement | null} the field that a reader is typing in: what it holds is theirs until they are done */
    this.typing = null;
    this.form = /** @type {HTMLFormElement} */ (figure.querySelector("form"));
    /** @type {Map<string, Places>} */
    this.places = new Map();
    /** What is there only while a choice has a certain value: `data-when="choice:value"`. @type {HTMLElement[]} */
    this.conditional = [];
    /** What was shown last. @type {State} */
    this.state = {};
    /** Whether all fields are there. */
    this.isComplete = false;
    this.#look();
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.#changed(/** @type {HTMLElement} */ (event.target), false));
    this.form.addEventListener("change", (event) => this.#changed(/** @type {HTMLElement} */ (event.target), true));
    this.form.addEventListener("focusout", () => { this.typing = null; });
    this.form.addEventListener("click", (event) => this.#pressed(/** @type {HTMLElement} */ (event.target)));
    this.form.addEventListener("keydown", (event) => this.#key(event));
    this.form.querySelector("details")?.addEventListener("toggle", () => this.complete());
  }

  /** Let readers use the controls, which were off until there was something behind them. */
  enable() {
    for (const off of this.figure.querySelectorAll("fieldset:disabled, button:disabled")) off.removeAttribute("disabled");
  }

  /** See what there is to show a state in. */
  #look() {
    this.places.clear();
    this.conditional = /** @type {HTMLElement[]} */ ([...this.form.querySelectorAll("[data-when]")]);
  }

  /** Put in the fields that only an open menu shows: browsers look at each field that a page has, before anything else can begin. */
  complete() {
    if (this.isComplete) return;
    this.isComplete = true;
    const late = /** @type {NodeListOf<HTMLTemplateElement>} */ (this.form.querySelectorAll("template[data-late]"));
    for (const template of late) template.replaceWith(template.content);
    this.#look();
    this.show(this.state, new Set());
  }

  /**
   * @param {HTMLElement} target
   * @param {boolean} done whether the change is complete: sliders count at once, what is typed when it is finished
   */
  #changed(target, done) {
    if (!(target instanceof HTMLInputElement) || target.dataset.handle) return;
    if (target.type === "range") {
      if (!done) this.send({ type: "set", name: target.name, value: Number(target.value) });
    } else if (target.type === "radio") {
      if (done) this.send({ type: "set", name: target.name, value: target.value });
    } else if (done) {
      this.#typed(target);
    } else this.typing = target;
  }

  /**
   * @param {HTMLInputElement} field
   */
  #typed(field) {
    this.typing = null;
    const name = field.dataset.number ?? field.name;
    // A number field gives "" for what is no number; Python then says so in words.
    const value = field.validity.badInput ? "not a number" : field.value;
    if (this.sent.get(field) === value) return;
    this.sent.set(field, value);
    this.send({ type: "set", name, value });
  }

  /**
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const field = event.target;
    if (event.key !== "Enter" || !(field instanceof HTMLInputElement) || !/^(text|number)$/.test(field.type)) return;
    event.preventDefault();
    this.#typed(field);
  }

  /**
   * @param {HTMLElement} target
   */
  #pressed(target) {
    const button = target.closest("button");
    if (button?.name) this.send({ type: "press", name: button.name });
  }

  /**
   * Show a state, except in the control that a reader is using just now.
   * @param {State} state
   * @param {Set<string>} busy names of controls whose newest value Python has not answered yet
   */
  show(state, busy) {
    this.state = state;
    for (const element of this.conditional) {
      const [choice, value] = (element.dataset.when ?? "").split(":");
      element.hidden = state[choice] !== value;
    }
    for (const [name, value] of Object.entries(state)) {
      if (Array.isArray(value)) this.#showList(name, value, busy);
      else if (!busy.has(name)) this.#showValue(name, value);
    }
  }

  /**
   * Let a slider or a choice stand where it does in a state, and nothing else.
   * @param {string} name
   * @param {State} state
   */
  stand(name, state) {
    if (Object.hasOwn(state, name) && !Array.isArray(state[name])) this.#showValue(name, state[name]);
  }

  /**
   * @param {string} name
   * @returns {Places}
   */
  #placesOf(name) {
    let places = this.places.get(name);
    if (!places) {
      const { form } = this;
      places = {
        controls: [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll(`input[name="${name}"]:not([data-handle])`))],
        shown: form.querySelector(`[data-shown="${name}"]`),
        number: form.querySelector(`[data-number="${name}"]`),
        list: form.querySelector(`input[type="text"][name="${name}"]`),
        fields: form.querySelector(`[data-fields="${name}"]`),
      };
      this.places.set(name, places);
    }
    return places;
  }

  /**
   * @param {string} name
   * @param {string | number} value
   */
  #showValue(name, value) {
    const { controls, shown, number } = this.#placesOf(name);
    for (const control of controls) {
      if (control.type === "radio") control.checked = control.value === value;
      else if (control.type === "range" && Number(control.value) !== value) control.value = String(value);
    }
    if (typeof value !== "number") return;
    if (shown) setText(shown, short(value).replace("-", "−"));
    this.#fill(number, value);
  }

  /**
   * @param {HTMLInputElement | null} field
   * @param {number} value
   */
  #fill(field, value) {
    if (!field || field.getAttribute("aria-invalid") || Number(field.value) === value) return;
    if (field.value && document.activeElement === field && Number(field.value).toPrecision(6) === value.toPrecision(6)) return;
    this.#write(field, short(value));
  }

  /**
   * @param {HTMLInputElement} field
   * @param {string} text
   */
  #write(field, text) {
    if (field === this.typing) return;
    if (field.value !== text) field.value = text;
    this.sent.delete(field);
  }

  /**
   * @param {string} name
   * @param {number[]} values
   * @param {Set<string>} busy
   */
  #showList(name, values, busy) {
    const { list, fields: box } = this.#placesOf(name);
    if (list && !busy.has(name) && !list.getAttribute("aria-invalid")) this.#write(list, values.map(short).join(", "));
    if (!box) return;
    while (box.children.length > values.length) box.lastElementChild?.remove();
    values.forEach((value, index) => {
      let label = box.children[index];
      if (!label) {
        label = document.createElement("label");
        const field = document.createElement("input");
        Object.assign(field, { type: "number", min: "0", max: "1", step: "any", inputMode: "decimal", autocomplete: "off" });
        field.dataset.number = `${name}.${index}`;
        field.disabled = this.isLocked(name);
        const words = document.createElement("span");
        setLetters(words, `${name} of ${String.fromCharCode(65 + index)}`);
        label.append(words, " ", field);
        box.append(label);
      }
      if (!busy.has(`${name}.${index}`)) this.#fill(label.querySelector("input"), value);
    });
  }

  /**
   * Return the field in which a refused value was typed, if it is one.
   * @param {string} name
   */
  field(name) {
    return /** @type {HTMLInputElement | null} */ (
      this.form.querySelector(`[data-number="${name}"], input[type="text"][name="${name}"]`)
    );
  }
}
