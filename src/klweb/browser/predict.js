// @ts-check
// Predict, then see: the choices of a question become something to press, and each answers at once. Nothing is counted
// or kept. Without this script a question stands there with its answer folded under it; see sitegen/predict.py.

/** How a verdict is told: beside a choice that was pressed, to those who do not see its mark, and before its explanation. */
const WORDS = {
  right: { choice: " (right)", answer: "Right." },
  wrong: { choice: " (wrong)", answer: "Not this one." },
};

export function setUpPredictions() {
  const all = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("section.predict"))];
  const questions = all.map((section) => new Question(section));
  const paper = matchMedia("print");
  const fit = () => questions.forEach(({ answer }) => { answer.open = paper.matches; });
  paper.addEventListener("change", fit);
}

class Question {
  /** Whether a choice was made. */
  #isAnswered = false;
  #isFolded = false;

  /**
   * @param {HTMLElement} section
   */
  constructor(section) {
    this.section = section;
    this.answer = /** @type {HTMLDetailsElement} */ (section.querySelector(".predict-answer"));
    const reasons = section.querySelectorAll(".predict-why");
    this.choices = [...section.querySelectorAll(".predict-choice")].map((place, index) => this.#makeChoice(place, reasons[index]));
    this.said = document.createElement("div");
    this.said.className = "predict-said";
    this.said.setAttribute("role", "status");
    section.querySelector(".predict-choices")?.after(this.said);

    const title = section.getAttribute("aria-labelledby") ?? "";
    const actions = document.createElement("p");
    actions.className = "predict-actions";
    this.see = makeButton("See it", "", title);
    this.see.className = "predict-see";
    this.see.hidden = true;
    this.see.addEventListener("click", () => showIn(section, section.dataset.then ?? ""));
    this.fold = makeButton("Skip", "", title);
    this.fold.addEventListener("click", () => this.#toggle());
    actions.append(this.see, this.fold);
    section.append(actions);
    section.classList.add("ready");
  }

  /**
   * @param {Element} place
   * @param {Element} reason
   */
  #makeChoice(place, reason) {
    const button = makeButton("", place.className);
    button.append(...place.childNodes);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => this.#choose(button, reason));
    place.replaceWith(button);
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {Element} reason
   */
  #choose(button, reason) {
    const verdict = /** @type {HTMLElement} */ (reason).dataset.verdict === "right" ? "right" : "wrong";
    const copy = (/** @type {string} */ selector) => /** @type {Element} */ (reason.querySelector(selector)).cloneNode(true);
    if (!button.dataset.verdict) {
      button.dataset.verdict = verdict;
      const word = document.createElement("span");
      word.className = "hidden";
      word.textContent = WORDS[verdict].choice;
      button.prepend(copy(".predict-mark"));
      button.querySelector(".predict-words")?.append(word);
    }
    for (const choice of this.choices) choice.setAttribute("aria-pressed", String(choice === button));
    const words = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = WORDS[verdict].answer;
    words.append(strong, " ", copy(".predict-because"));
    this.said.replaceChildren(copy(".predict-mark"), words);
    this.#isAnswered = true;
    this.#show();
  }

  /** Fold the question to one line, or open it again. */
  #toggle() {
    this.#isFolded = !this.#isFolded;
    this.#show();
    // A long question may have begun above the screen; its one line should be on it.
    this.section.scrollIntoView({ block: "nearest" });
  }

  #show() {
    this.section.classList.toggle("folded", this.#isFolded);
    this.see.hidden = this.#isFolded || !this.#isAnswered || !this.section.dataset.then;
    this.fold.textContent = this.#isFolded ? "Open" : this.#isAnswered ? "Close" : "Skip";
  }
}

/**
 * @param {string} text
 * @param {string} className
 * @param {string} [description] the id of what says which question the button belongs to
 */
function makeButton(text, className, description) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.className = className;
  if (description) button.setAttribute("aria-describedby", description);
  return button;
}

/**
 * Press a preset of the figure that follows, and bring the reader there.
 * @param {Element} section
 * @param {string} preset
 */
function showIn(section, preset) {
  const figures = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.widget"));
  const figure = [...figures].find((item) => section.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING);
  const button = /** @type {HTMLElement | null | undefined} */ (figure?.querySelector(`button[data-preset="${preset}"]`));
  if (!figure || !button) return;
  button.click();
  // The page scrolls once, as smoothly as the reader's settings have it; the strip of presets moves by itself.
  button.focus({ preventScroll: true });
  const strip = /** @type {Element} */ (button.parentElement);
  strip.scrollLeft += button.getBoundingClientRect().left - strip.getBoundingClientRect().left - 18;
  figure.scrollIntoView();
}
