// @ts-check
// Two visits to a page in a new Firefox: node firefox.mjs PROGRAM ADDRESS SETTLE. The page holds a reader (visit.js), and
// what they found at each visit is printed, a line each.
import puppeteer from "puppeteer-core";

const [program, address, settle] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath: program, headless: true });
try {
  for (let turn = 0; turn < 2; turn += 1) {
    const page = await browser.newPage();
    await page.setViewport({ width: 360, height: 800 });
    const found = new Promise((resolve) => page.on("console", (message) => {
      if (message.text().startsWith("bench found ")) resolve(message.text().slice("bench found ".length));
    }));
    await page.goto(address, { waitUntil: "domcontentloaded" });
    console.log(await found);
    if (!turn) await new Promise((resolve) => setTimeout(resolve, Number(settle) * 1000));
    await page.close();
  }
} finally {
  await browser.close();
}
