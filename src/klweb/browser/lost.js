// @ts-check
// Where the page's script can't be fetched, its figures stay as they came, and say so: to readers, and to a page around.

const MESSAGE = "The program behind this figure could not be loaded, so the picture stays as it is. Check the connection, then reload the page.";

addEventListener("error", ({ target }) => {
  if (!(target instanceof HTMLScriptElement) || target.type !== "module") return;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", tell);
  else tell();
}, true);

function tell() {
  for (const figure of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("figure.widget"))) {
    const notice = /** @type {HTMLElement} */ (figure.querySelector("[data-notice]"));
    figure.dataset.status = "failed";
    notice.className = "notice failure";
    notice.textContent = MESSAGE;
    notice.hidden = false;
    if (parent === window) continue;
    const post = (/** @type {object} */ message) =>
      parent.postMessage({ source: "klweb", version: 1, widget: figure.dataset.widget, ...message }, "*");
    post({ type: "error", message: MESSAGE });
    const page = document.documentElement;
    new ResizeObserver(() => post({ type: "resize", height: Math.ceil(page.getBoundingClientRect().height) })).observe(page);
  }
}
