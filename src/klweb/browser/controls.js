// @ts-check
// The native controls of a figure: sliders, choices, buttons, number fields, lists. They say what a reader set, and show
// what holds; what is right is decided in Python.

import { setLetters } from "./letters.js";

/**
 * @typedef {{type: "set" | "press", name: string, value?: any}} ControlEvent
 * @typedef {(event: ControlEvent) => void} Send
 * @typedef {Record<string, any>} State
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
    this.form = /** @type {HTMLFormElement} */ (figure.querySelector("form"));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.#changed(/** @type {HTMLElement} */ (event.target), false));
    this.form.addEventListener("change", (event) => this.#changed(/** @type {HTMLElement} */ (event.target), true));
    this.form.addEventListener("click", (event) => this.#pressed(/** @type {HTMLElement} */ (event.target)));
    this.form.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Let readers use the controls, which were off until there was something behind them. */
  enable() {
    for (const off of this.figure.querySelectorAll("fieldset:disabled, button:disabled")) off.removeAttribute("disabled");
  }

  /**
   * @param {HTMLElement} target
   * @param {boolean} done whether the change is complete: sliders count at once, what is typed when it is finished
   */
  #changed(target, done) {
    if (!(target instanceof HTMLInputElement) || target.dataset.handle) return;
    if (target.type === "range") {
      if (!done) this.send({ type: "set", name: target.name, value: Number(target.value) });
    } else if (done) {
      if (target.type === "radio") this.send({ type: "set", name: target.name, value: target.value });
      else this.#typed(target);
    }
  }

  /**
   * @param {HTMLInputElement} field
   */
  #typed(field) {
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
    for (const [name, value] of Object.entries(state)) {
      if (Array.isArray(value)) this.#showList(name, value, busy);
      else if (!busy.has(name)) this.#showValue(name, value);
    }
  }

  /**
   * @param {string} name
   * @param {string | number} value
   */
  #showValue(name, value) {
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (this.form.querySelectorAll(`[name="${name}"]`))) {
      if (control.type === "radio") control.checked = control.value === value;
      else if (control.type === "range") control.value = String(value);
    }
    if (typeof value !== "number") return;
    const shown = this.form.querySelector(`[data-shown="${name}"]`);
    if (shown) shown.textContent = short(value).replace("-", "−");
    this.#fill(this.form.querySelector(`[data-number="${name}"]`), value);
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
    field.value = text;
    this.sent.delete(field);
  }

  /**
   * @param {string} name
   * @param {number[]} values
   * @param {Set<string>} busy
   */
  #showList(name, values, busy) {
    const list = /** @type {HTMLInputElement | null} */ (this.form.querySelector(`input[name="${name}"]`));
    if (list && !busy.has(name) && !list.getAttribute("aria-invalid")) this.#write(list, values.map(short).join(", "));
    const box = this.form.querySelector(`[data-fields="${name}"]`);
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
