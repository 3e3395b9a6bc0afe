// @ts-check
// How the pages of topics put numbers and lists into words.

/**
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/**
 * Say how long something takes, no more exactly than anybody can know it.
 * @param {number} minutes
 */
export function duration(minutes) {
  if (minutes < 90) return `about ${count(minutes < 10 ? minutes : 5 * Math.round(minutes / 5), "minute")}`;
  return `about ${count(Math.round(minutes / 60), "hour")}`;
}

/** @param {string} id of a level, such as "upper-secondary" */
export function levelName(id) {
  const words = id.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Join words as a sentence does, naming the first few of many.
 * @param {string[]} words
 * @param {number} [most]
 */
export function listed(words, most = 3) {
  const named = words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} more`] : words;
  return named.length < 2 ? named.join("") : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
}

/**
 * Say what was changed, as a thing that can be taken back.
 * @param {import("./learner.js").Change} change
 * @param {(id: string) => string} titleOf
 */
export function told({ kind, ids }, titleOf) {
  const titles = listed(ids.map(titleOf), 2);
  switch (kind) {
    case "know": return `${titles} marked as known`;
    case "unknow": return `${titles} no longer marked`;
    case "goal": return `${titles} set as a goal`;
    case "drop": return `${titles} no longer a goal`;
    case "merge": return "marks added";
    case "forget": return "everything forgotten";
  }
}
