// @ts-check
// One visit in Firefox, then another without a server: node firefox_offline.mjs PROGRAM ADDRESS. It prints a line when the
// site is kept, waits for one when the server is gone, and prints what the page and the figure then show.
import { createInterface } from "node:readline/promises";
import puppeteer from "puppeteer-core";

const [program, address] = process.argv.slice(2);
const parent = createInterface({ input: process.stdin });
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true });
try {
  const page = await browser.newPage();
  await page.goto(`${address}about/`, { waitUntil: "load" });
  await page.waitForSelector("[data-offline]:not([hidden])", { timeout: 60_000 });
  console.log("kept");
  await parent.question("");
  await page.goto(`${address}entropy/`, { waitUntil: "load" });
  const title = await page.title();
  await page.goto(`${address}#wasted-bits=morph:0.37;source:english;block:1`, { waitUntil: "load" });
  const figure = 'figure.widget[data-widget="wasted-bits"]';
  await page.waitForSelector(`${figure}[data-status="live"]:has(canvas[data-figure])`, { timeout: 60_000 });
  const summary = await page.$eval(`${figure} [data-summary]`, (element) => element.textContent);
  console.log(JSON.stringify({ title, summary }));
} finally {
  parent.close();
  await browser.close();
}
