// @ts-check
// A reader's way over the topics in Firefox, as wide as a phone: node firefox_topics.mjs PROGRAM ADDRESS PROFILE GOAL KNOWN
// QUESTION. Sets a goal, marks its first step and KNOWN with all below it, answers the question on KL divergence, closes
// the browser and comes back. What was seen on the way is printed as JSON; test_firefox.py says what should have been.
import puppeteer from "puppeteer-core";

const [program, address, userDataDir, goal, known, question] = process.argv.slice(2);
/** @typedef {import("puppeteer-core").Page} Page */
/** @type {string[]} */
const problems = [];
/** @type {Record<string, any>} */
const seen = { problems };

const launch = () => puppeteer.launch({ browser: "firefox", executablePath: program, headless: true, userDataDir,
  extraPrefsFirefox: { "ui.prefersReducedMotion": 1 } });

/**
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} path
 */
async function open(browser, path) {
  const page = await browser.newPage();
  await page.setViewport({ width: 360, height: 740 });
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`page error: ${error}`));
  await page.goto(address + path, { waitUntil: "load" });
  return page;
}

/** What the page of all topics shows of goals, path and known topics. @param {Page} page */
const look = (page) => page.evaluate(() => {
  const names = (/** @type {string} */ selector) =>
    [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))].map(({ dataset }) => dataset.topic);
  return {
    goals: [...document.querySelectorAll("[data-goals] a")].map((link) => link.getAttribute("href")),
    progress: document.querySelector("[data-progress]")?.textContent,
    steps: names("[data-steps] > :not([data-known])"),
    known: names("[data-find] li[data-known]"),
  };
});

/**
 * Answer the question, and return the verdict once it has these words.
 * @param {Page} page
 * @param {string} text
 * @param {string} verdict
 */
async function answer(page, text, verdict) {
  const field = `#question-${question} input[name="answer"]`;
  await page.click(field, { count: 3 });
  await page.type(field, text);
  await page.keyboard.press("Enter");
  const said = await page.waitForSelector(`#question-${question} [data-verdict] ::-p-text(${verdict})`);
  return said?.evaluate((element) => element.parentElement?.textContent);
}

let browser = await launch();
try {
  const map = await open(browser, "topics/");
  const row = (/** @type {string} */ id) => `[data-find] li[data-topic="${id}"]`;
  const words = "[data-words]:enabled";
  await map.waitForSelector(words);
  await map.type(words, goal);
  await map.click(`${row(goal)} [data-goal]`);
  seen.wanted = await look(map);
  await map.click("[data-steps] > :first-child [data-know]");
  seen.begun = await look(map);
  await map.click(words, { count: 3 });
  await map.type(words, known);
  await map.click(`${row(known)} [data-know]`);
  await map.click(`${row(known)} .reply button`);
  await map.close();

  const topic = await open(browser, "topics/kl-divergence/");
  const section = `#question-${question}`;
  await topic.waitForSelector(`${section} fieldset:enabled`);
  const { definition, variant } = JSON.parse(await topic.$eval(`${section} > script`, (script) => script.textContent ?? ""));
  seen.slip = await answer(topic, `${variant.answer.value} nats`, "wrong unit");
  seen.right = await answer(topic, `${variant.answer.value} bits`, "Right.");
  await topic.click(`${section} [data-action="another"]`);
  const other = await topic.waitForSelector(`${section}:not([data-seed="1"])`, { timeout: 60_000 });
  seen.definition = definition;
  seen.variant = await other?.evaluate((/** @type {any} */ element) => ({
    seed: Number(element.dataset.seed),
    slots: [...element.querySelectorAll("[data-slot]")].map((slot) => [Number(slot.dataset.slot), slot.textContent]),
  }));
  await browser.close();

  browser = await launch();
  const again = await open(browser, "topics/");
  await again.waitForSelector("[data-steps] > *");
  await again.click("[data-more]");
  seen.again = await look(again);
  const practice = await open(browser, "practice/");
  const missed = await practice.waitForSelector(`[data-review] li:has(a[href$="#question-${question}"])`);
  seen.missed = await missed?.evaluate((item) => item.textContent);
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
