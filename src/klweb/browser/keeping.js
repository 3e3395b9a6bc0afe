// @ts-check
// A reader's marks on their way out of the browser, into a file or a link, and in from there: never without being asked.

import { find } from "./elements.js";
import { MOST, isLink } from "./marks.js";
import { saveFile } from "./saving.js";
import { count, listed } from "./words.js";

/** @typedef {import("./marking.js").Marking} Marking */
/** @typedef {import("./learner.js").Learner} Learner */

/** The name of the file. */
const FILE = "kl-divergence-marks.json";

/**
 * Save everything as a file.
 * @param {Learner} learner
 */
export function save(learner) {
  saveFile(new Blob([learner.export()], { type: "application/json" }), FILE);
}

/**
 * @param {HTMLElement} section
 * @param {Marking} marking
 */
export function setUpKeeping(section, marking) {
  const { learner, reply } = marking;
  const act = (/** @type {string} */ name, /** @type {(button: HTMLElement) => void} */ listener) => {
    const button = /** @type {HTMLButtonElement} */ (find(section, `[data-act="${name}"]`));
    button.disabled = false;
    button.addEventListener("click", () => listener(button));
    return button;
  };
  const undo = { words: "Undo", act: () => void learner.undo() };

  act("save", () => save(learner));
  act("link", () => void copyLink());
  const forget = act("forget", (button) => {
    learner.forget();
    reply.say(section, "Everything is forgotten.", [undo], button);
  });
  // There is nothing to forget, save or send where nothing is marked.
  learner.subscribe(({ isEmpty }) => { forget.disabled = isEmpty && document.activeElement !== forget; });

  const file = /** @type {HTMLInputElement} */ (find(section, 'input[type="file"]'));
  file.disabled = false;
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    try {
      if (chosen.size > 4 * MOST.characters) throw new Error("This file is too large to hold marks.");
      const { added, unknown } = learner.merge(await chosen.text());
      reply.say(section, outcome(added, unknown), added ? [undo] : [], file);
    } catch (error) {
      reply.say(section, `${reason(error)} Nothing has changed.`, [], file);
    }
    // The same file may be chosen again.
    file.value = "";
  });

  async function copyLink() {
    const url = new URL(location.href);
    url.hash = learner.link();
    try {
      await navigator.clipboard.writeText(url.href);
      reply.say(section, `The link is copied: ${count(url.href.length, "character")}.`);
    } catch {
      reply.say(section, `The link: ${url.href}`);
    }
  }
}

/**
 * Show what a link brings, and ask. The address then holds it no longer, so that going back or sending it on does not bring
 * it again.
 * @param {HTMLElement} section
 * @param {Marking} marking
 */
export function setUpArrival(section, marking) {
  const { learner, reply } = marking;
  const words = find(section, "[data-arrived-words]");
  const acts = find(section, "[data-arrived-acts]");
  let text = "";

  const merge = find(acts, '[data-act="merge"]');
  merge.addEventListener("click", () => {
    try {
      const { added, unknown } = learner.merge(text);
      close(outcome(added, unknown), added > 0);
    } catch (error) {
      close(`${reason(error)} Nothing has changed.`, false);
    }
  });
  const dismiss = find(acts, '[data-act="dismiss"]');
  dismiss.addEventListener("click", () => {
    section.hidden = true;
    find(document, "main h1").scrollIntoView();
  });

  /**
   * @param {string} sentence
   * @param {boolean} canUndo
   */
  function close(sentence, canUndo) {
    words.hidden = acts.hidden = true;
    const back = () => {
      learner.undo();
      section.hidden = true;
    };
    reply.say(section, sentence, canUndo ? [{ words: "Undo", act: back }] : []);
    find(section, "h2").focus();
  }

  function look() {
    if (!isLink(location.hash)) return;
    text = location.hash;
    try {
      history.replaceState(history.state, "", location.pathname + location.search);
    } catch {
      // A sandboxed frame may not change its address.
    }
    let canMerge = false;
    try {
      const held = learner.inspect(text);
      words.textContent = `It holds ${holds(held, (id) => learner.topic(id).title)}`;
      canMerge = held.added > 0;
    } catch (error) {
      words.textContent = reason(error);
    }
    reply.clear();
    [section.hidden, words.hidden, acts.hidden] = [false, false, false];
    merge.hidden = !canMerge;
    dismiss.textContent = canMerge ? "Not now" : "Close";
    section.scrollIntoView({ block: "center" });
    find(section, "h2").focus({ preventScroll: true });
  }
  addEventListener("hashchange", look);
  look();
}

/**
 * Say what a link holds.
 * @param {ReturnType<Learner["inspect"]>} held
 * @param {(id: string) => string} titleOf
 */
export function holds({ known, goals, practice, unknown, added }, titleOf) {
  const parts = [];
  if (known.length) parts.push(`${count(known.length, "topic")} known`);
  if (goals.length) parts.push(`${count(goals.length, "goal")} (${listed(goals.map(titleOf))})`);
  if (practice.length) parts.push(`answers to ${count(practice.length, "question")}`);
  if (unknown.length) parts.push(`${count(unknown.length, "name")} that this release of the site does not know`);
  if (!parts.length) return "nothing.";
  const whole = `${listed(parts, parts.length)}.`;
  if (!added) return `${whole} You have all of it already.`;
  const fresh = added === 1 ? "One of these is" : `${added} of these are`;
  return `${whole} ${fresh} new here. Merging adds to what you have marked, and you can take it back.`;
}

/**
 * Say what came of a merge.
 * @param {number} added
 * @param {string[]} unknown
 */
export function outcome(added, unknown) {
  const words = added ? `Added: ${count(added, "mark")}.` : "Nothing new: you had all of it already.";
  if (!unknown.length) return words;
  const names = listed(unknown.map((name) => `“${name}”`));
  return `${words} This release of the site does not know ${names}; ${unknown.length === 1 ? "the name is" : "the names are"} kept.`;
}

/** @param {unknown} error */
function reason(error) {
  return error instanceof Error ? error.message : String(error);
}
