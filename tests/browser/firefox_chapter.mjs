// @ts-check
// The second chapter in Firefox: node firefox_chapter.mjs PROGRAM ADDRESS WIDGET…. Goes to one lens after the other, and
// prints as JSON the divergence that each of them shows once Python has answered.
import puppeteer from "puppeteer-core";

const [program, address, ...widgets] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true,
  extraPrefsFirefox: { "ui.prefersReducedMotion": 1 } });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(address, { waitUntil: "load" });
  /** @type {Record<string, number>} */
  const found = {};
  for (const widget of widgets) {
    const figure = `figure.widget[data-widget="${widget}"]`;
    await page.$eval(figure, (element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
    await page.waitForSelector(`${figure}[data-status="live"] canvas[data-figure]`, { timeout: 60_000 });
    const output = /** @type {any} */ (await page.$(`${figure} output[data-readout="kl_pq"]`));
    found[widget] = Number(await output.evaluate((/** @type {HTMLElement} */ element) => element.dataset.value));
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
