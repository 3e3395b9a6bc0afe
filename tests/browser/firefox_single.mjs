// @ts-check
// Figures as files on disk in Firefox: node firefox_single.mjs PROGRAM ADDRESS…. Prints as JSON, for each file, what it asked
// for and complained of, and what it shows with each example, and once its first handle or slider was moved.
import puppeteer from "puppeteer-core";

const [program, ...addresses] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true,
  extraPrefsFirefox: { "ui.prefersReducedMotion": 1 } });

/** @param {import("puppeteer-core").Page} page */
const look = (page) => page.evaluate(() => {
  const figure = /** @type {HTMLElement} */ (document.querySelector("figure.widget"));
  const outputs = /** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("output[data-readout]"));
  return {
    readouts: Object.fromEntries([...outputs].map((output) =>
      [output.dataset.readout, { value: output.dataset.value, text: output.textContent }])),
    summary: figure.querySelector("[data-summary]")?.textContent,
  };
});

try {
  /** @type {Record<string, any>} */
  const found = {};
  for (const address of addresses) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    /** @type {{asked: string[], problems: string[]}} */
    const { asked, problems } = { asked: [], problems: [] };
    page.on("request", (request) => request.url().startsWith("data:") || asked.push(request.url()));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(address, { waitUntil: "load" });
    /** @type {Record<string, any>} */
    const shown = {};
    const presets = await page.$$eval("button[data-preset]", (all) => all.map(({ dataset }) => dataset.preset ?? ""));
    for (const preset of presets.reverse()) {
      await page.click(`button[data-preset="${preset}"]`);
      await page.waitForSelector(`button[data-preset="${preset}"][aria-pressed="true"]`);
      shown[preset] = await look(page);
    }
    await page.waitForSelector("input[data-handle]:enabled");
    await page.focus("input[data-handle]");
    await page.keyboard.press("End");
    await page.waitForSelector('.presets:not(:has([aria-pressed="true"]))');
    const moved = await page.$eval("input[data-handle]", (input) => {
      const { name, value } = /** @type {HTMLInputElement} */ (input);
      return { name, value: Number(value) };
    });
    found[address] = { asked, problems, shown, moved: { ...moved, shown: await look(page) } };
    await page.close();
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
