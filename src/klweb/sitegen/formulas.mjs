// @ts-check
/**
 * LaTeX to MathML: JSON in on stdin, JSON out on stdout, one process for a whole batch.
 *
 * In:  [{"tex": "\\KL{\\p}{\\q}", "display": false}, …]
 * Out: [{"mathml": "<math>…</math>"} or {"error": "why not"}, …], in the same order.
 *
 * Pages allow no inline styles. What Temml says in `style` is said here by a class that
 * math.css knows; a formula that would need any other style is refused, never sent out broken.
 */

import { text } from "node:stream/consumers";

import temml from "temml";

/**
 * @typedef {object} Tree - what Temml builds before it writes markup
 * @property {string} [type]
 * @property {string} [text]
 * @property {string[]} [classes]
 * @property {Record<string, string | number>} [style]
 * @property {Record<string, string>} [attributes]
 * @property {Tree[]} [children]
 * @property {() => string} toMarkup
 */

/** The site's own commands. Braces keep a coloured letter one atom, so that `\mu_\p` works. */
const MACROS = {
  "\\p": "{\\class{p}{p}}",
  "\\q": "{\\class{q}{q}}",
  "\\asp": "{\\class{p}{#1}}",
  "\\asq": "{\\class{q}{#1}}",
  "\\gap": "{\\class{gap}{#1}}",
  "\\KL": "D(#1\\mathrel{\\Vert}#2)",
  "\\E": "\\mathbb{E}",
  "\\tr": "\\operatorname{tr}",
};

/** Classes that may stand in the output: each has a rule in math.css or style.css. */
const KEPT_CLASSES = new Set([
  "p", "q", "gap",
  "tml-left", "tml-right", "tml-jot", "tml-small", "tml-overline", "tml-underline",
]);

/** Nudges for one engine and one font each, and marks that nothing here styles. */
const DROPPED_CLASSES =
  /^(?:(?:chr|wbk)-.*|ff-.*|tml-display|tml-vec|tml-(?:hat|tilde)-\d|tml-prime|tml-...-pad|mathcal|mathscr)$/;

/** Accents that stand as high above a letter as they do above the line: WebKit adds the two. */
const WEBKIT_HIGH = /^wbk-(?:.*-)?acc$/;

/** Each style that Temml is known to ask for, and the class that stands in for it. */
const STYLE_CLASSES = new Map([
  ["display:block math", ""],
  ["mathDepth:0", "m-accent"],
  ["math-depth:0", "m-accent"],
  ["paddingLeft:0em", "m-flush-left"],
  ["paddingLeft:0pt", "m-flush-left"],
  ["paddingLeft:1em", "m-quad-left"],
  ["paddingLeft:5.9776pt", "m-column-left"],
  ["paddingRight:0em", "m-flush-right"],
  ["paddingRight:0pt", "m-flush-right"],
  ["paddingRight:5.9776pt", "m-column-right"],
  ["borderTop:0.06em solid", "m-rule-above"],
  ["borderBottom:0.06em solid", "m-rule-below"],
  ["borderLeft:0.06em solid", "m-rule-left"],
  ["borderRight:0.06em solid", "m-rule-right"],
  ["marginLeft:-0.1667em", "m-back-thin"],
  ["marginLeft:-0.2222em", "m-back-medium"],
  ["marginLeft:-0.2778em", "m-back-thick"],
]);

/** Attributes that colour or link: a colour is a role, and a link belongs to the prose. */
const REFUSED_ATTRIBUTES = ["mathcolor", "mathbackground", "href", "style"];

class Unsupported extends Error {}

const HOW_TO_COLOUR = "colour with \\p, \\q, \\asp{…}, \\asq{…} or \\gap{…}";

/** @param {Tree} node */
function restyle(node) {
  for (const name of REFUSED_ATTRIBUTES) {
    if (node.attributes?.[name] !== undefined) {
      throw new Unsupported(`no ${name} in formulas: ${HOW_TO_COLOUR}`);
    }
  }
  const given = (node.classes ?? []).filter((name) => name);
  const classes = given.filter((name) => !DROPPED_CLASSES.test(name));
  for (const name of classes) {
    if (!KEPT_CLASSES.has(name)) throw new Unsupported(`math.css has no class ${name}`);
  }
  for (const [property, value] of Object.entries(node.style ?? {})) {
    if (/color/i.test(property)) throw new Unsupported(`no ${value}: ${HOW_TO_COLOUR}`);
    const name = STYLE_CLASSES.get(`${property}:${value}`);
    if (name === undefined) throw new Unsupported(`math.css has no class for ${property}: ${value}`);
    if (name && !classes.includes(name)) classes.push(name);
  }
  if (given.some((name) => WEBKIT_HIGH.test(name))) classes.push("m-high");
  node.classes = classes;
  node.style = {};
}

/** A double bar between two distributions is a separator: it must not grow with its neighbours.
 * @param {Tree} node */
function steadyBar(node) {
  const bar = node.type === "mo" && node.children?.[0]?.text;
  if ((bar === "‖" || bar === "∥") && node.attributes?.fence === undefined && node.attributes) {
    node.attributes.stretchy ??= "false";
  }
}

/** The maths font's primes are drawn raised; as superscripts they would be raised twice.
 * @param {Tree} node */
function lowerPrime(node) {
  if (node.type !== "msup") return;
  const raised = node.children?.[1];
  const marks = raised?.type === "mrow" ? raised.children ?? [] : raised ? [raised] : [];
  const isPrime = (/** @type {Tree} */ mark) => /^[′″‴⁗]$/.test(mark.children?.[0]?.text ?? "");
  if (marks.length > 0 && marks.every(isPrime)) node.type = "mrow";
}

/** @param {Tree | undefined} node @returns {boolean} */
function isOperatorName(node) {
  if (node?.type === "mrow") return isOperatorName(node.children?.[0]);
  if (node?.type === "msub" || node?.type === "msup") return isOperatorName(node.children?.[0]);
  return node?.type === "mi" && [...(node.children?.[0]?.text ?? "")].length > 1;
}

/**
 * TeX sets a thin space between a factor and the name of a function: p log q. Temml does so
 * after plain letters; after p_i, x² and closing brackets it is added here.
 * @param {Tree} node
 */
function spaceOperatorNames(node) {
  const children = node.children ?? [];
  for (let index = children.length - 1; index > 0; index--) {
    const before = children[index - 1];
    const endsFactor =
      ["msub", "msup", "msubsup", "mn"].includes(before.type ?? "") ||
      before.attributes?.form === "postfix" ||
      (before.type === "mrow" && before.children?.at(-1)?.attributes?.form === "postfix");
    if (!endsFactor || isOperatorName(before) || !isOperatorName(children[index])) continue;
    children.splice(index, 0, /** @type {Tree} */ ({
      type: "mspace",
      toMarkup: () => '<mspace width="0.1667em"></mspace>',
    }));
  }
}

/** @param {Tree} node */
function tidy(node) {
  restyle(node);
  steadyBar(node);
  lowerPrime(node);
  spaceOperatorNames(node);
  for (const child of node.children ?? []) tidy(child);
}

/** @param {{tex: string, display: boolean}} formula */
function convert({ tex, display }) {
  try {
    const tree = /** @type {Tree} */ (
      temml.__renderToMathMLTree(tex, {
        displayMode: display,
        macros: { ...MACROS },
        throwOnError: true,
        // \class is the one command that needs trust; \href and \includegraphics stay off.
        trust: (/** @type {{command: string}} */ context) => context.command === "\\class",
      })
    );
    tidy(tree);
    return { mathml: tree.toMarkup() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Temml underlines the place with combining marks, which few terminals draw.
    return { error: message.replaceAll("\u0332", "").trim() };
  }
}

const formulas = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(formulas.map(convert)));
