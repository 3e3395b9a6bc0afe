// @ts-check
// A figure in somebody else's page: options from the address, and messages to the page around it.

/** @typedef {import("./figure.js").Figure} Figure */

/**
 * @param {Figure} figure
 */
export function setUpEmbed(figure) {
  const options = new URLSearchParams(location.search);
  const named = (/** @type {string} */ option) => (options.get(option) ?? "").split(",").filter((name) => /^[\w.-]+$/.test(name));
  for (const name of named("hide")) controls(figure, name).forEach((control) => { control.hidden = true; });
  for (const name of named("lock")) controls(figure, name).forEach(lock);
  // What is hidden can't be dragged either; handles and the fields of lists come later, and ask.
  figure.locked = new Set([...named("hide"), ...named("lock")]);

  /** @param {Record<string, any>} message */
  const tell = (message) => {
    if (parent !== window) parent.postMessage({ source: "klweb", widget: figure.name, ...message }, "*");
  };

  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    tell({ type: "resize", height });
    if (parent !== window) parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height }), "*");
  }).observe(document.documentElement);

  figure.element.addEventListener("klweb:state", (event) => {
    const { state, link, view } = /** @type {CustomEvent} */ (event).detail;
    const readouts = Object.fromEntries(view.readouts.map((/** @type {any} */ item) => [item.name, item.value]));
    tell({ type: "state", state, link, readouts });
  });
  figure.runtime.subscribe((snapshot) => {
    if (snapshot.phase === "failed") tell({ type: "error", message: snapshot.message });
  });

  const wanted = options.get("state") ?? options.get("preset");
  if (wanted !== null && wanted !== figure.firstPreset) void figure.open(wanted);
  tell({ type: "ready" });
}

/**
 * Return the boxes of a control: beside the picture, and among the numbers.
 * @param {Figure} figure
 * @param {string} name
 */
function controls(figure, name) {
  const found = figure.element.querySelectorAll(`[data-control="${name}"], button[name="${name}"], [data-list="${name}"]`);
  const labels = [...figure.element.querySelectorAll(`[data-number="${name}"]`)].map((field) => field.closest("label"));
  return /** @type {HTMLElement[]} */ ([...found, ...labels].filter(Boolean));
}

/**
 * @param {HTMLElement} control
 */
function lock(control) {
  if (control instanceof HTMLFieldSetElement || control instanceof HTMLButtonElement) control.disabled = true;
  for (const input of control.querySelectorAll("input, select, button")) input.setAttribute("disabled", "");
}
