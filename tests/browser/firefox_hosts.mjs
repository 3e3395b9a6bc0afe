// @ts-check
// Figures in other people's pages, in Firefox: node firefox_hosts.mjs PROGRAM BEHAVIOUR ADDRESS…, where BEHAVIOUR is
// Firefox's number for whose cookies it refuses. Takes hold of every figure of every page; prints as JSON what was seen,
// which test_firefox.py judges.
import puppeteer from "puppeteer-core";

const [program, behaviour, ...addresses] = process.argv.slice(2);
/** @type {Record<string, [handle: string, dx: number, dy: number]>} */
const DRAGS = { asymmetry: ["q.2", 0, 40], gaussians: ["mu_q", -40, 0] };
const PATIENCE_MS = 45_000;

const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true,
  extraPrefsFirefox: { "ui.prefersReducedMotion": 1, "network.cookie.cookieBehavior": Number(behaviour) } });

/**
 * @template T
 * @param {() => Promise<T>} look
 * @param {(seen: T) => unknown} wanted
 * @param {number} [patience]
 * @param {number} [pause] between two looks
 */
async function until(look, wanted, patience = PATIENCE_MS, pause = 50) {
  const end = Date.now() + patience;
  let seen = await look();
  while (!wanted(seen) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    seen = await look();
  }
  return seen;
}

/** @param {string} address */
async function visit(address) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} */
  const problems = [];
  await page.setViewport({ width: 1280, height: 900 });
  page.on("request", (request) => void asked.push(request.url()));
  page.on("pageerror", (error) => void problems.push(`${error}`));
  await page.evaluateOnNewDocument(() => {
    const told = /** @type {any} */ (window).told = /** @type {any[]} */ ([]);
    for (const type of ["state", "error"]) addEventListener(`kl-${type}`, (event) => told.push(/** @type {CustomEvent} */ (event).detail));
    addEventListener("message", ({ data }) => data.source === "klweb" && told.push(data));
  });
  await page.goto(address, { waitUntil: "load" });
  const frames = () => page.evaluateHandle(() => [...document.querySelectorAll("kl-widget")].map(({ shadowRoot }) => shadowRoot?.querySelector("iframe"))
    .concat([...document.querySelectorAll("iframe")]));
  const count = await until(async () => (await frames()).evaluate((all) => all.length), Boolean);
  const figures = [];
  for (let index = 0; index < count; index += 1) {
    const frame = /** @type {any} */ ((await (await frames()).getProperty(String(index))).asElement());
    await frame.evaluate((/** @type {Element} */ element) => element.scrollIntoView({ block: "start", behavior: "instant" }));
    if (!address.includes("lost")) figures.push(await take(page, frame, asked));
  }
  // As text: an event's detail is the message itself, and what is there twice does not arrive twice.
  const told = await until(async () => JSON.parse(await page.evaluate(() => JSON.stringify(/** @type {any} */ (window).told))),
    (/** @type {{type: string}[]} */ all) => figures.length ? all.length >= count : all.some(({ type }) => type === "error"));
  const notes = await page.$$eval("kl-widget", (all) => all.map(({ shadowRoot }) => shadowRoot?.querySelector("p")?.textContent));
  await page.close();
  return { figures, told, notes, problems };
}

/**
 * Take hold of a figure, and look at it before and afterwards.
 * @param {import("puppeteer-core").Page} page
 * @param {any} frame
 * @param {string[]} asked
 */
async function take(page, frame, asked) {
  const content = await frame.contentFrame();
  const figure = await content.waitForSelector("figure.widget");
  const name = await figure.evaluate((/** @type {HTMLElement} */ element) => element.dataset.widget);
  const [handleName, dx, dy] = DRAGS[name];
  const handle = await content.waitForSelector(`input[data-handle="${handleName}"]`);
  /** @param {string} status */
  const look = async (status) => ({
    name,
    title: await frame.evaluate((/** @type {HTMLIFrameElement} */ element) => element.title),
    room: await frame.evaluate((/** @type {Element} */ element) => [element.clientWidth, element.clientHeight]),
    ...await content.evaluate(() => {
      /** @type {any} */
      const element = document.querySelector("figure.widget");
      let storage = "open";
      try {
        void localStorage.length;
      } catch (reason) {
        storage = /** @type {Error} */ (reason).name;
      }
      const text = (/** @type {Element | null} */ one) => one?.textContent ?? "";
      return {
        storage,
        needs: [document.documentElement.scrollWidth, Math.ceil(document.documentElement.getBoundingClientRect().height)],
        status: element.dataset.status,
        readouts: Object.fromEntries([...element.querySelectorAll("output[data-readout]")].map(
          (output) => [output.dataset.readout, { value: output.dataset.value, text: text(output) }])),
        summary: text(element.querySelector("[data-summary]")),
        handles: Object.fromEntries([...element.querySelectorAll("input[data-handle]")].map((input) => [input.dataset.handle, Number(input.value)])),
      };
    }),
    python: asked.filter((url) => url.includes("/runtime/")).length,
    wanted: status,
  });
  // One that embed.js made follows what it shows; another one stays as high as it was made.
  const follows = await frame.evaluate((/** @type {Element} */ element) => element.getRootNode() instanceof ShadowRoot);
  const fits = (/** @type {any} */ seen) => seen.status === seen.wanted && (!follows || (`${seen.room}` === `${seen.needs}` && seen.title));
  const first = await until(() => look("static"), fits, 15_000);

  await handle.evaluate((/** @type {Element} */ element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
  const place = (/** @type {Element} */ element) => (({ x, y, width, height }) => ({ x, y, width, height }))(element.getBoundingClientRect());
  const [outer, inner] = [await frame.evaluate(place), await handle.evaluate(place)];
  const [x, y] = [outer.x + inner.x + inner.width / 2, outer.y + inner.y + inner.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps: 6 });
  await page.mouse.up();
  // What it shows first may be an answer to somewhere on the way.
  let before = "";
  const last = await until(() => look("live"), (seen) => {
    const [shown, earlier] = [JSON.stringify([seen.readouts, seen.handles]), before];
    before = shown;
    return fits(seen) && shown === earlier;
  }, PATIENCE_MS, 500);
  return [first, last];
}

try {
  /** @type {Record<string, any>} */
  const seen = {};
  for (const address of addresses) seen[address] = await visit(address);
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
