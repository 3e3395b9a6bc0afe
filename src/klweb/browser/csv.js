// @ts-check
/**
 * The table of a figure as a file of data (RFC 4180: one header, and as many fields in every row).
 *
 * What holds of the whole figure, its readouts, the table's caption and the link, stands in columns of its own, the same in
 * every row: so the file is one table, which programs read as it is.
 */

/**
 * @param {string[][]} rows the header, and the rows under it, as people read them
 * @param {[string, string][]} common name and value of what is the same in every row
 */
export function csvOf([head, ...rows], common) {
  const names = common.map(([name]) => name);
  const values = common.map(([, value]) => value);
  const all = [[...head, ...names], ...rows.map((cells) => [...cells.map(plain), ...values])];
  return all.map((cells) => `${cells.map(field).join(",")}\r\n`).join("");
}

/**
 * Write a number as programs do; other texts stay as they are. Where people see a dash, there is no value.
 * @param {string} cell
 */
export function plain(cell) {
  if (cell === "–") return "";
  const [, sign, digits] = /^×?(−?)(\d+(?:\.\d+)?|∞)$/.exec(cell) ?? [];
  if (!digits) return cell;
  return `${sign && "-"}${digits === "∞" ? "inf" : digits}`;
}

/** @param {string} text */
function field(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
