// @ts-check
// Two figures in somebody's page in Firefox: node firefox_shared.mjs PROGRAM ADDRESS. Both are touched, the one with Python is
// taken away, and the other is touched again; what it says, and how many workers each made, is printed.
import puppeteer from "puppeteer-core";

const [program, address] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true });

/** @param {() => Promise<any>} look */
async function until(look) {
  const end = Date.now() + 60_000;
  for (let seen = await look(); ; seen = await look()) {
    if (seen || Date.now() > end) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Move a figure's slider to its end; return what the figure says once Python answered.
 * @param {import("puppeteer-core").Frame} frame
 * @param {"Home" | "End"} key
 */
async function touch(frame, key) {
  const before = await frame.$eval("[data-summary]", (element) => element.textContent);
  const slider = await frame.waitForSelector('input[type="range"][name="morph"]:enabled');
  await slider?.focus();
  await slider?.press(key);
  await until(() => frame.$eval("figure.widget", (figure, old) => figure.getAttribute("data-status") === "live"
    && figure.querySelector("[data-summary]")?.textContent !== old, before));
  return frame.$eval("[data-summary]", (element) => element.textContent);
}

try {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(() => {
    Object.assign(window, { made: 0 });
    globalThis.Worker = class extends Worker {
      /** @param {string | URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        /** @type {any} */ (window).made += 1;
      }
    };
  });
  await page.goto(address, { waitUntil: "load" });
  const figures = () => page.frames().filter((frame) => frame.url().includes("/embed/"));
  const around = page.frames().find((frame) => frame.url().endsWith("/course.html")) ?? page.mainFrame();
  for (const place of [1, 0]) {
    // A lazy frame is loaded when somebody comes near.
    await around.waitForFunction((at) => document.querySelectorAll("kl-widget").length > at, {}, place);
    await around.evaluate((at) => document.querySelectorAll("kl-widget")[at].scrollIntoView(), place);
    await until(async () => figures().length > 1 - place);
  }
  const places = await Promise.all(figures().map(async (frame) => {
    const element = await frame.frameElement();
    return { frame, top: (await element?.boundingBox())?.y ?? 0 };
  }));
  const [holder, guest] = places.sort((one, other) => one.top - other.top).map(({ frame }) => frame);
  // Python costs nothing before somebody touches a figure; the others hear of it then.
  for (const frame of [holder, guest]) await frame.waitForSelector('input[type="range"][name="morph"]:enabled');
  const made = () => Promise.all([holder, guest].filter((frame) => !frame.detached).map((frame) => frame.evaluate(() => /** @type {any} */ (window).made)));
  const untouched = await made();
  const first = await touch(holder, "End");
  const second = await touch(guest, "End");
  const shared = await made();
  await holder.parentFrame()?.evaluate(() => document.querySelector("kl-widget")?.remove());
  await until(async () => figures().length === 1);
  const last = await touch(guest, "Home");
  console.log(JSON.stringify({ untouched, first, second, shared, last, alone: await made() }));
} finally {
  await browser.close();
}
