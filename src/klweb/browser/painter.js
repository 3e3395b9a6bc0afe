// @ts-check
// Paints a scene on a canvas. The marks are those of klweb/scene.py, and klweb/svg.py paints the same ones.

/**
 * @typedef {{mark: string, key?: string, [field: string]: any}} Mark
 * @typedef {{width: number, height: number, marks: Mark[]}} Scene
 * @typedef {Record<string, string>} Palette role → CSS colour, and "font" → font family
 */

const ROLES = [
  "ink", "muted", "faint", "paper", "p", "p-soft", "p-text", "q", "q-soft", "q-text", "gap", "gap-soft", "gap-text",
];

/**
 * Read the colours that the style sheet gives to the roles around an element.
 * @param {Element} element
 * @param {string} [theme] "light" or "dark", where it is not to be the one that is shown
 * @returns {Palette}
 */
export function paletteOf(element, theme = "") {
  // Probes, because a custom property's own value may still be a light-dark() that a canvas can't read; all at once, because
  // the browser would work out the styles of the page anew for each.
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.colorScheme = theme;
  for (const role of ROLES) {
    const sample = document.createElement("i");
    sample.style.color = `var(--${role})`;
    probe.append(sample);
  }
  element.append(probe);
  /** @type {Palette} */
  const palette = { font: getComputedStyle(probe).fontFamily };
  ROLES.forEach((role, place) => {
    palette[role] = getComputedStyle(probe.children[place]).color;
  });
  probe.remove();
  return palette;
}

/**
 * Fill and stroke the current path as a mark asks.
 * @param {CanvasRenderingContext2D} context
 * @param {Mark} mark
 * @param {Palette} palette
 */
function ink(context, mark, palette) {
  if (mark.fill) {
    context.fillStyle = palette[mark.fill];
    context.fill();
  }
  if (mark.stroke) {
    context.strokeStyle = palette[mark.stroke];
    context.lineWidth = mark.width ?? 1;
    context.setLineDash(mark.dash ?? []);
    context.stroke();
  }
}

/** @type {Record<string, (context: CanvasRenderingContext2D, mark: Mark, palette: Palette) => void>} */
const PAINTERS = {
  rect(context, mark, palette) {
    context.beginPath();
    if (mark.radius) context.roundRect(mark.x, mark.y, mark.w, mark.h, mark.radius);
    else context.rect(mark.x, mark.y, mark.w, mark.h);
    ink(context, mark, palette);
  },
  line(context, mark, palette) {
    context.beginPath();
    context.moveTo(mark.x1, mark.y1);
    context.lineTo(mark.x2, mark.y2);
    ink(context, { ...mark, stroke: mark.stroke ?? "ink" }, palette);
  },
  path(context, mark, palette) {
    const { points } = mark;
    if (!points.length) return;
    context.beginPath();
    context.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    if (mark.closed) context.closePath();
    ink(context, mark, palette);
  },
  text(context, mark, palette) {
    const style = mark.italic ? "italic " : "";
    const weight = mark.bold ? "600 " : "";
    context.font = `${style}${weight}${mark.size ?? 13}px ${palette.font}`;
    context.textAlign = mark.anchor === "middle" ? "center" : (mark.anchor ?? "start");
    if (mark.halo) {
      context.strokeStyle = palette.paper;
      context.lineWidth = 4;
      context.setLineDash([]);
      context.strokeText(mark.text, mark.x, mark.y);
    }
    context.fillStyle = palette[mark.fill ?? "ink"];
    context.fillText(mark.text, mark.x, mark.y);
  },
  dot(context, mark, palette) {
    context.beginPath();
    context.arc(mark.x, mark.y, mark.r, 0, 2 * Math.PI);
    ink(context, mark, palette);
  },
  handle() {},
  spot() {},
};

/**
 * Paint a scene so that it fills a canvas of any size.
 * @param {HTMLCanvasElement} canvas
 * @param {Scene} scene
 * @param {Palette} palette
 * @param {number} pixels device pixels for each unit of the scene
 */
export function paint(canvas, scene, palette, pixels) {
  const width = Math.round(scene.width * pixels);
  const height = Math.round(scene.height * pixels);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(pixels, 0, 0, pixels, 0, 0);
  context.lineJoin = "round";
  for (const mark of scene.marks) PAINTERS[mark.mark](context, mark, palette);
}

const MOVING = ["x", "y", "w", "h", "x1", "y1", "x2", "y2", "r"];

/**
 * Return the scene part of the way from one to another. Marks meet by their keys; what has no partner appears at once.
 * @param {Scene} from
 * @param {Scene} to
 * @param {number} t from 0 to 1
 * @returns {Scene}
 */
export function between(from, to, t) {
  const partners = new Map(from.marks.filter((mark) => mark.key).map((mark) => [mark.mark + mark.key, mark]));
  const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * t;
  const marks = to.marks.map((mark) => {
    const partner = mark.key && partners.get(mark.mark + mark.key);
    if (!partner) return mark;
    const moved = { ...mark };
    for (const field of MOVING) if (field in mark) moved[field] = mix(partner[field], mark[field]);
    if (mark.points && mark.points.length === partner.points.length) {
      moved.points = mark.points.map((/** @type {number} */ value, /** @type {number} */ i) => mix(partner.points[i], value));
    }
    return moved;
  });
  return { width: to.width, height: mix(from.height, to.height), marks };
}
