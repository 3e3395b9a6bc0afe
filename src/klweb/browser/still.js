// @ts-check
// The picture that came with the page, read back into the scene that klweb/svg.py painted it from.

/** @typedef {import("./painter.js").Mark} Mark */

/**
 * @param {SVGSVGElement} svg
 * @returns {import("./painter.js").Scene}
 */
export function sceneOf(svg) {
  const [, , width, height] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  return { width, height, marks: [...svg.children].map(markOf) };
}

/** @type {Record<string, (number: (name: string) => number, element: Element) => Mark>} */
const READERS = {
  rect: (number) => (
    { mark: "rect", x: number("x"), y: number("y"), w: number("width"), h: number("height"), radius: number("rx") }),
  line: (number) => ({ mark: "line", x1: number("x1"), y1: number("y1"), x2: number("x2"), y2: number("y2") }),
  circle: (number) => ({ mark: "dot", x: number("cx"), y: number("cy"), r: number("r") }),
  path(_, element) {
    const steps = element.getAttribute("d") ?? "";
    return { mark: "path", points: steps.match(/[^\s,MZ]+/g)?.map(Number) ?? [], closed: steps.endsWith("Z") };
  },
  text: (number, element) => ({
    mark: "text", x: number("x"), y: number("y"), size: number("font-size"), text: element.textContent ?? "",
    anchor: element.getAttribute("text-anchor") ?? "start",
  }),
};

/**
 * @param {Element} element
 * @returns {Mark}
 */
function markOf(element) {
  const mark = READERS[element.localName]((name) => Number(element.getAttribute(name)), element);
  for (const name of element.classList) {
    const [, part, role] = /^([fs])-(.+)$/.exec(name) ?? [];
    if (!part) mark[name] = true;
    else if (role !== "none") mark[part === "f" ? "fill" : "stroke"] = role;
  }
  const width = element.getAttribute("stroke-width");
  const dash = element.getAttribute("stroke-dasharray");
  if (width) mark.width = Number(width);
  if (dash) mark.dash = dash.split(" ").map(Number);
  return mark;
}
