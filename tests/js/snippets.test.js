// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPTIONS } from "../../src/klweb/browser/embedding.js";
import { readOptions } from "../../src/klweb/browser/embedded.js";
import { SANDBOX, addressFor, iframeFor, markdownFor, scriptFor } from "../../src/klweb/browser/snippets.js";

const SITE = "https://example.org/courses/kl/";
const TITLE = "Where does the cost come from?";
const HOSTILE = [
  "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'", "-->", "&quot;&#34;&amp;lt;", "a\n\n<b>b</b>\r\n\tc",
  "{{ 7 * 7 }}{% raw %}{{< video x >}}", "](javascript:alert(1))", "`code` *bold* _it_ [x](y)", "\u2028x\u0085", "🂡 D(p ‖ q)?",
];

/**
 * @param {Record<string, string>} options
 * @param {string} [title]
 */
const wish = (options, title = TITLE) => ({ site: SITE, widget: "gaussians", title, options });

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#123;": "{", "&#125;": "}", "&amp;": "&" };

/**
 * Read the one start tag that a piece of HTML begins with, strictly: what stands between the quotes ends at the next one.
 * @param {string} html
 */
function tagOf(html) {
  const match = html.match(/^<([a-z]+)((?: [a-z-]+(?:="[^"]*")?)*)>/);
  assert.ok(match, html);
  const attributes = [...match[2].matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)].map(([, name, value = ""]) => {
    assert.doesNotMatch(value, /[<>{}]|&(?!(lt|gt|quot|amp|#123|#125);)/);
    return [name, value.replace(/&[a-z0-9#]+;/g, (entity) => ENTITIES[/** @type {keyof typeof ENTITIES} */ (entity)])];
  });
  return { name: match[1], attributes: Object.fromEntries(attributes), rest: html.slice(match[0].length) };
}

/** @param {string} text */
const tidy = (text) => text.replace(/\s+/g, " ").trim();

test("a script names the site’s own script, the figure, and what was chosen", () => {
  assert.equal(
    scriptFor(wish({ preset: "identical", lock: "mu_p,sigma_p", hide: "", theme: "", ask: "Why?" })),
    '<script async src="https://example.org/courses/kl/embed.js" data-widget="gaussians" data-preset="identical" '
      + 'data-lock="mu_p,sigma_p" data-ask="Why?"></script>',
  );
});

test("a frame is titled, lazy, sandboxed, as high as was measured, and says so", () => {
  const [comment, frame] = iframeFor(wish({ preset: "identical", theme: "dark" }), { height: 1076, width: 745 }).split("\n");
  assert.equal(comment, "<!-- The height is fixed: the figure needs it where it is 745 px wide. Where it needs more, it scrolls in its frame. -->");
  const { name, attributes, rest } = tagOf(frame);
  assert.deepEqual([name, rest], ["iframe", "</iframe>"]);
  assert.deepEqual(attributes, {
    src: `${SITE}embed/gaussians/?preset=identical&theme=dark`, title: TITLE, width: "100%", height: "1076", loading: "lazy",
    sandbox: SANDBOX, allow: "clipboard-write", frameborder: "0",
  });
  assert.doesNotMatch(SANDBOX, /allow-same-origin/);
  assert.match(iframeFor(wish({}), { height: 1100 }), /^<!-- The height is fixed: most figures need a little less\./);
});

test("Markdown is the script, and a link of Markdown’s own", () => {
  assert.equal(
    markdownFor(wish({ preset: "identical" })),
    `${scriptFor(wish({ preset: "identical" }))}\n\n[${TITLE}](${SITE}embed/gaussians/?preset=identical)`,
  );
});

test("a state and a question come through the address as they went in", () => {
  for (const ask of HOSTILE) {
    const state = "mu_p:-1;sigma_p:0.5";
    const { search } = new URL(addressFor(wish({ state, ask, hide: "swap-means,sigma_q" })) ?? "");
    assert.deepEqual(readOptions(search), { wanted: state, hidden: ["swap-means", "sigma_q"], locked: [], ask: tidy(ask) });
  }
});

test("no question gets out of its attribute, and none ends a block of HTML", () => {
  for (const ask of HOSTILE) {
    const { name, attributes, rest } = tagOf(scriptFor(wish({ ask })));
    assert.deepEqual([name, rest], ["script", "</script>"]);
    assert.deepEqual(Object.keys(attributes), ["async", "src", "data-widget", "data-ask"]);
    assert.equal(attributes["data-ask"], tidy(ask));
    const frame = tagOf(iframeFor(wish({ ask }, ask), { height: 500 }).split("\n").slice(1).join("\n"));
    assert.equal(frame.rest, "</iframe>");
    assert.equal(frame.attributes.title, tidy(ask));
    assert.equal(new URL(frame.attributes.src).searchParams.get("ask"), tidy(ask));
    const blocks = markdownFor(wish({ ask }, ask)).split("\n\n");
    assert.equal(blocks.length, 2);
    // A link’s address ends at the first bracket, and its words at the first that is not escaped.
    assert.match(blocks[1], /^\[(?:\\.|[^\\[\]])*\]\(https:\/\/example\.org\/courses\/kl\/embed\/gaussians\/\?ask=[^()\s<>]*\)$/u);
  }
});

test("every option of an embed page can be chosen", () => {
  const options = Object.fromEntries(OPTIONS.map((option) => [option, `${option}-x`]));
  const { attributes } = tagOf(scriptFor(wish(options)));
  for (const option of OPTIONS) assert.equal(attributes[`data-${option}`], `${option}-x`);
});
