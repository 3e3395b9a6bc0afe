// @ts-check
// The cell in Firefox: node firefox_cell.mjs PROGRAM ADDRESS. Opens the Python of a figure, runs its lines, changes them, stops
// what never ends, and prints as JSON what was to be read at each of these.
import puppeteer from "puppeteer-core";

const [program, address] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true,
  extraPrefsFirefox: { "ui.prefersReducedMotion": 1 } });
/** @type {Record<string, string>} */
const seen = {};
try {
  const page = await browser.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(address, { waitUntil: "load" });
  const figure = 'figure.widget[data-widget="asymmetry"]';
  const part = (/** @type {string} */ name) => `${figure} [data-cell="${name}"]`;
  const press = (/** @type {string} */ selector) => page.$eval(selector, (element) => {
    element.scrollIntoView({ block: "center", behavior: "instant" });
    /** @type {HTMLElement} */ (element).click();
  });
  /** @param {string} start of what the status says */
  async function until(start) {
    const end = Date.now() + 90_000;
    let said = "";
    while (!said.startsWith(start) && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      said = await page.$eval(part("status"), (element) => element.textContent ?? "");
    }
    return page.$eval(part("output"), (element) => element.textContent ?? "");
  }
  /** @param {string} text */
  async function type(text) {
    await page.focus(part("lines"));
    await page.keyboard.down("Control");
    await page.keyboard.press("KeyA");
    await page.keyboard.up("Control");
    await page.keyboard.type(text);
    await page.keyboard.down("Control");
    await page.keyboard.press("Enter");
    await page.keyboard.up("Control");
  }
  await press(`${figure} details[data-menu] > summary`);
  await press(`${figure} button[data-action="python"]`);
  await page.waitForSelector(part("lines"), { visible: true, timeout: 90_000 });
  await press(part("run"));
  seen.printed = await until("Done");
  await type("import numpy");
  seen.numpy = await until("Ended");
  await type("import js; [n for n in ('fetch', 'caches', 'indexedDB', 'Worker', 'postMessage') if hasattr(js, n)]");
  seen.powers = await until("Done");
  await type("while True: pass");
  await until("Running, ");
  await press(part("stop"));
  await until("Stopped");
  await press(part("back"));
  seen.lines = await page.$eval(part("lines"), (element) => /** @type {HTMLTextAreaElement} */ (element).value);
  seen.problems = problems.join("\n");
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
