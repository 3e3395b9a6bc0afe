// @ts-check
// One visit in Firefox: node firefox_start.mjs PROGRAM ADDRESS. It prints what the first figure says once Python answered.
import puppeteer from "puppeteer-core";

const [program, address] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true });
try {
  const page = await browser.newPage();
  await page.goto(address, { waitUntil: "load" });
  await page.waitForSelector('figure.widget[data-status="live"]:has(canvas[data-figure])', { timeout: 90_000 });
  console.log(JSON.stringify(await page.$eval("figure.widget [data-summary]", (element) => element.textContent)));
} finally {
  await browser.close();
}
