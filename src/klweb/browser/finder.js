// @ts-check
// The list of all topics: searched by typing, narrowed to a level, and marked in. Without this script it is a list of links.

import { find, make, makeButton } from "./elements.js";
import { count, levelName } from "./words.js";

/** @typedef {Pick<import("./learner.js").Topic, "title" | "keywords">} Named */
/** @typedef {{topic: import("./learner.js").Topic, item: HTMLElement, alias: HTMLElement | null}} Row */

/** Text as it is compared: without case, accents and punctuation, each word after a blank. @param {string} text */
function plain(text) {
  return ` ${text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’']/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim()}`;
}

/**
 * Say how well a topic fits what was typed: each word has to begin a word of its title or keywords.
 * @param {Named} topic
 * @param {string} query
 * @returns {{rank: number, alias: string}} 0 for not at all, up to 4 for its very title; and the keyword that fits where the
 *   title does not
 */
export function fit({ title, keywords }, query) {
  const wanted = plain(query);
  if (!wanted.trim()) return { rank: 1, alias: "" };
  const words = wanted.trim().split(" ").map((word) => ` ${word}`);
  const has = (/** @type {string} */ text) => words.every((word) => plain(text).includes(word));
  const name = plain(title);
  if (name === wanted) return { rank: 4, alias: "" };
  if (name.startsWith(wanted)) return { rank: 3, alias: "" };
  const alias = keywords.find((keyword) => plain(keyword) === wanted) ?? keywords.find(has) ?? "";
  if (has(title)) return { rank: 2, alias: "" };
  return { rank: alias && plain(alias) === wanted ? 3 : Number(has([title, ...keywords].join(" "))), alias };
}

export class Finder {
  #level = "";
  /** @type {Map<HTMLDetailsElement, boolean> | undefined} which groups were open before anything was looked for */
  #before;

  /**
   * @param {HTMLElement} section
   * @param {import("./marking.js").Marking} marking
   * @param {((id: string) => void) | undefined} showInMap
   */
  constructor(section, marking, showInMap) {
    this.marking = marking;
    this.learner = marking.learner;
    this.showInMap = showInMap;
    this.field = /** @type {HTMLInputElement} */ (find(section, "[data-words]"));
    this.count = find(section, "[data-count]");
    this.levels = [.../** @type {NodeListOf<HTMLButtonElement>} */ (section.querySelectorAll("[data-level]"))];
    this.groups = [.../** @type {NodeListOf<HTMLDetailsElement>} */ (section.querySelectorAll("[data-group]"))];
    /** @type {Row[]} in the topics' own order within each level */
    this.rows = [.../** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll("li[data-topic]"))]
      .map((item) => ({ topic: this.learner.topic(item.dataset.topic ?? ""), item, alias: null }));

    this.field.addEventListener("input", () => this.#look());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    for (const button of this.levels) {
      button.disabled = false;
      button.addEventListener("click", () => this.#choose(button.dataset.level ?? ""));
    }
    for (const group of this.groups) {
      const equip = () => { if (group.open) this.#equip(group); };
      group.addEventListener("toggle", equip);
      equip();
    }
    this.field.disabled = false;
    this.learner.subscribe(() => this.#tell());
    // What was typed may have come back with the page.
    this.#look();
  }

  /** @param {string} level */
  #choose(level) {
    this.#level = level;
    for (const button of this.levels) button.setAttribute("aria-pressed", String(button.dataset.level === level));
    this.#look();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && this.field.value) {
      this.field.value = "";
      this.#look();
    } else if (event.key === "Enter" || event.key === "ArrowDown") {
      const [best] = this.#found().sort((one, other) => other.rank - one.rank);
      if (!best || !this.field.value.trim()) return;
      // On to the best of what was found: a link, which Enter then follows.
      event.preventDefault();
      best.row.item.querySelector("a")?.focus();
    }
  }

  #found() {
    return this.rows.map((row) => ({ row, ...fit(row.topic, this.field.value) }))
      .filter(({ row, rank }) => rank && (!this.#level || row.topic.level === this.#level));
  }

  /** Show what fits, and nothing else. */
  #look() {
    const isLooking = Boolean(this.#level || this.field.value.trim());
    const found = new Map(this.#found().map(({ row, alias }) => [row, alias]));
    for (const row of this.rows) {
      row.item.hidden = !found.has(row);
      this.#showAlias(row, found.get(row) ?? "");
    }
    if (isLooking) this.#before ??= new Map(this.groups.map((group) => [group, group.open]));
    for (const group of this.groups) {
      group.hidden = ![...found.keys()].some(({ item }) => group.contains(item));
      group.open = isLooking ? !group.hidden : (this.#before?.get(group) ?? group.open);
    }
    if (!isLooking) this.#before = undefined;
    this.#tell();
  }

  /**
   * @param {Row} row
   * @param {string} alias
   */
  #showAlias(row, alias) {
    if (!alias && !row.alias) return;
    row.alias ??= row.item.insertBefore(make("span", "row-alias"), row.item.querySelector(".row-summary"));
    row.alias.textContent = alias && `also: ${alias}`;
  }

  /** Say how many there are, and how many of them are known. */
  #tell() {
    const visible = this.rows.filter(({ item }) => !item.hidden);
    const query = this.field.value.trim();
    const level = this.#level && `${levelName(this.#level)}: `;
    const number = visible.length ? count(visible.length, "topic") : "no topic";
    const words = `${level}${query ? `${number} ${visible.length < 2 ? "fits" : "fit"} “${query.slice(0, 60)}”` : this.#counted(visible)}.`;
    this.count.textContent = words.charAt(0).toUpperCase() + words.slice(1);
    for (const group of this.groups) {
      find(group, "[data-group-count]").textContent = this.#counted(visible.filter(({ item }) => group.contains(item)));
    }
  }

  /** @param {Row[]} rows */
  #counted(rows) {
    const known = rows.filter(({ topic }) => this.learner.isKnown(topic.id)).length;
    return count(rows.length, "topic") + (known ? `, ${known} known` : "");
  }

  /** Give the rows of a group their buttons, once it is opened. @param {HTMLElement} group */
  #equip(group) {
    for (const { topic: { id, title }, item } of this.rows) {
      if (!group.contains(item) || item.querySelector("[data-know]")) continue;
      const { showInMap } = this;
      if (showInMap) item.querySelector(".topic-fact")?.after(" ", makeButton("Show in the map", () => showInMap(id), title));
      item.append(make("div", "toggles", this.marking.makeButton("know", id), this.marking.makeButton("goal", id)));
    }
    this.marking.show(group);
  }
}
