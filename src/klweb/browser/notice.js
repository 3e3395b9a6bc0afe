// @ts-check
// What a figure has to say for itself: a refused value, a failure with a way on, a quiet word while Python starts.

/** @typedef {{retry: () => void, reset: () => void, cancel: () => void}} Ways */

export class Notice {
  /**
   * @param {HTMLElement} figure
   * @param {Ways} ways
   */
  constructor(figure, ways) {
    this.box = /** @type {HTMLElement} */ (figure.querySelector("[data-notice]"));
    this.box.id = `${figure.id}-notice`;
    this.ways = ways;
    /** @type {HTMLInputElement | null} the field whose value was refused */
    this.field = null;
    this.busy = false;
    this.progressText = document.createElement("span");
  }

  /**
   * Say something that needs no answer.
   * @param {string} message
   */
  say(message) {
    this.#show(message, "note");
  }

  /**
   * Say why a value was refused; a typed one stays as typed, so that it can be mended.
   * @param {string} message
   * @param {HTMLInputElement | null} field
   */
  refuse(message, field) {
    this.#show(`${message}. The figure still shows the last good values.`, "refusal", "reset");
    if (!field) return;
    this.#release();
    this.field = field;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", this.box.id);
    // Beside the field that it concerns, wherever that is.
    (field.closest(".number-fields") ?? field).after(this.box);
  }

  /**
   * Say what failed, and offer a way on.
   * @param {string} message
   * @param {"retry" | "reset"} way
   */
  fail(message, way) {
    this.#show(message, "failure", way);
  }

  /** Python is up, or gave up: nothing more to say of its start. */
  settled() {
    if (this.busy) this.#hide();
  }

  /** Whether it says what failed. */
  get isFailure() {
    return !this.box.hidden && this.box.classList.contains("failure");
  }

  /**
   * Say how far the start of Python is.
   * @param {number} loaded
   * @param {number} total 0 while it is not known yet
   * @param {boolean} isCoarse whether the last change is shown at the nearest stop, rather than waiting
   */
  progress(loaded, total, isCoarse) {
    if (!this.box.hidden && !this.busy) return;
    const share = total ? Math.min(Math.floor((100 * loaded) / total), 100) : 0;
    const start = isCoarse ? "Coarse steps until Python is here" : "Your change waits for Python";
    const isComing = share < 100;
    const size = isCoarse ? "" : ` of ${(total / 1e6).toFixed(1)} MB`; // in one line on a phone
    const text = `${start}: ${!total ? "fetching it" : isComing ? `${share} %${size}` : "it is starting"}.`;
    this.busy = true;
    this.box.hidden = false;
    this.box.className = "notice progress";
    this.box.setAttribute("role", "presentation");
    this.box.style.setProperty("--share", `${share}%`);
    if (!this.progressText.isConnected) this.box.replaceChildren(this.progressText, " ", this.#button("cancel"));
    /** @type {HTMLElement} */ (this.box.lastChild).hidden = !isComing;
    if (this.progressText.textContent !== text) this.progressText.textContent = text;
  }

  /**
   * Take the notice away; with a control's name, only a refusal or failure of that control's.
   * @param {string} [name]
   */
  clear(name) {
    if (name && this.field && (this.field.dataset.number ?? this.field.name) !== name) return;
    this.#release();
    if (!this.busy) this.#hide();
  }

  #release() {
    this.field?.removeAttribute("aria-invalid");
    this.field?.removeAttribute("aria-describedby");
    this.field = null;
  }

  #hide() {
    this.busy = false;
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  /**
   * @param {string} message
   * @param {"note" | "refusal" | "failure"} kind
   * @param {"retry" | "reset"} [way]
   */
  #show(message, kind, way) {
    this.busy = false;
    this.box.className = `notice ${kind}`;
    this.box.setAttribute("role", kind === "note" ? "status" : "alert");
    this.box.hidden = false;
    const text = document.createElement("span");
    text.textContent = message;
    this.box.replaceChildren(text);
    if (way) this.box.append(" ", this.#button(way));
  }

  /** @param {keyof Ways} way */
  #button(way) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = { retry: "Try again", reset: "Reset", cancel: "Cancel" }[way];
    // A sign that a reader wants Python would be the last thing that it is.
    for (const type of ["pointerdown", "focusin"]) button.addEventListener(type, (event) => event.stopPropagation());
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.ways[way]();
    });
    return button;
  }
}
