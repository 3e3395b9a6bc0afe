// @ts-check
// The main journeys in Firefox: node firefox.mjs PROGRAM ADDRESS. What a reader saw at each station is printed as JSON;
// what they should have seen is decided by test_firefox.py.
import puppeteer from "puppeteer-core";

const [program, address] = process.argv.slice(2);
/** @type {string[]} */
const problems = [];
/** @type {Record<string, any>} */
const stations = {};
/** @typedef {import("puppeteer-core").Page} Page */
/** @typedef {any} Seen what `look` returns */

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: program,
  headless: true,
  extraPrefsFirefox: { "ui.prefersReducedMotion": 1, "layout.css.prefers-color-scheme.content-override": 1 },
});

/**
 * One look at a figure, the same as the tests of Chromium take.
 * @param {Page} page
 * @param {string} name
 * @returns {Promise<Seen>}
 */
const look = (page, name) => page.evaluate((widget) => {
  /** @type {any} */
  const figure = document.querySelector(`figure.widget[data-widget="${widget}"]`);
  const text = (/** @type {Element | null} */ element) => element?.textContent ?? "";
  const notice = figure.querySelector("[data-notice]");
  return {
    status: figure.dataset.status,
    readouts: Object.fromEntries([...figure.querySelectorAll("output[data-readout]")].map(
      (output) => [output.dataset.readout, { value: output.dataset.value, text: text(output) }])),
    summary: text(figure.querySelector("[data-summary]")),
    pressed: [...figure.querySelectorAll('button[data-preset][aria-pressed="true"]')].map((b) => b.dataset.preset),
    notice: notice?.checkVisibility() ? text(notice) : "",
    handles: Object.fromEntries([...figure.querySelectorAll("input[data-handle]")].map(
      (input) => [input.dataset.handle, { value: Number(input.value), words: input.getAttribute("aria-valuetext") }])),
    canvas: Boolean(figure.querySelector("canvas[data-figure]")),
    hash: location.hash,
  };
}, name);

/**
 * Look until it is as wanted, or a minute is over; Python compares anyway.
 * @param {Page} page
 * @param {string} name
 * @param {(seen: Seen) => boolean} wanted
 */
async function until(page, name, wanted) {
  const end = Date.now() + 60_000;
  let seen = await look(page, name);
  while (!wanted(seen) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen = await look(page, name);
  }
  return seen;
}

async function open(fragment = "") {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`page error: ${error}`));
  page.on("requestfailed", (request) => problems.push(`request failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) problems.push(`stranger: ${request.url()}`);
  });
  await page.goto(address + fragment, { waitUntil: "load" });
  return page;
}

try {
  const page = await open();
  stations.loaded = await look(page, "asymmetry");
  const figure = 'figure.widget[data-widget="asymmetry"]';
  await page.click(`${figure} button[data-preset="support-mismatch"]`);
  stations.preset = await until(page, "asymmetry", (seen) => seen.pressed[0] === "support-mismatch");
  await page.click(`${figure} button[data-preset="uniform-vs-peaked"]`);
  await until(page, "asymmetry", (seen) => seen.pressed[0] === "uniform-vs-peaked");

  const handle = /** @type {any} */ (await page.waitForSelector(`${figure} input[data-handle="q.2"]`));
  await handle.evaluate((/** @type {Element} */ element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
  const box = await handle.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 30, { steps: 4 });
  await page.mouse.move(x, y + 50, { steps: 4 });
  await page.mouse.up();
  stations.dragged = await until(page, "asymmetry", (seen) => seen.status === "live" && seen.hash.includes(";q:"));

  await page.click(`${figure} button[data-preset="uniform-vs-peaked"]`);
  await until(page, "asymmetry", (seen) => seen.pressed[0] === "uniform-vs-peaked");
  await handle.focus();
  await page.keyboard.press("ArrowUp");
  stations.key = await until(page, "asymmetry", (seen) => seen.handles["q.2"].words.includes("0.610"));
  await page.keyboard.press("Home");
  stations.home = await until(page, "asymmetry", (seen) => seen.handles["q.2"].words.includes("q is 0.000"));

  const typed = 'figure.widget[data-widget="gaussians"]';
  await page.click(`${typed} details[data-menu] > summary`);
  const field = /** @type {any} */ (await page.waitForSelector(`${typed} [data-number="sigma_q"]`));
  await field.click({ count: 3 });
  await field.type("-2");
  await page.keyboard.press("Enter");
  stations.refused = await until(page, "gaussians", (seen) => seen.notice.includes("-2"));
  await field.click({ count: 3 });
  await field.type("0.75");
  await page.keyboard.press("Enter");
  stations.typed = await until(page, "gaussians", (seen) => !seen.pressed.length && !seen.notice);
  await page.click(`${typed} button[name="swap-variances"]`);
  stations.pressed = await until(page, "gaussians", (seen) => seen.summary.startsWith("Variances swapped"));
  await page.close();

  const linked = await open("#wasted-bits=morph:0.37;source:english;block:1&asymmetry=mirror-image");
  stations.linked = await until(linked, "wasted-bits", (seen) => seen.status === "live" && seen.canvas);
  stations.also = await look(linked, "asymmetry");
  await linked.close();

  const broken = await open("#asymmetry=%3Cscript%3E");
  stations.broken = await until(broken, "asymmetry", (seen) => seen.notice);
} catch (error) {
  problems.push(`the journey broke off: ${error instanceof Error ? error.stack : error}`);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ stations, problems }));
