// @ts-check

/** @typedef {import("./figure.js").Figure} Figure */
/** @typedef {{begin: (figure: Figure, button: HTMLButtonElement) => Promise<string>}} Script does what a button is for; tells what came of it */

/**
 * Do what buttons are for with a script that comes when somebody first wants it; what comes of it is said beside them.
 * @param {Figure} figure
 * @param {string} buttons
 * @param {() => Promise<Script>} load
 */
export function whenAsked(figure, buttons, load) {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (figure.element.querySelectorAll(buttons))) {
    const note = /** @type {HTMLElement} */ (button.closest("fieldset")?.querySelector('[role="status"]'));
    button.addEventListener("click", async () => {
      const script = await load().catch(() => {});
      if (!script) note.textContent = "The script that does this could not be loaded. Check the connection, then try again.";
      else note.textContent = await script.begin(figure, button).catch((error) => `That failed: ${error.message}`);
    });
  }
}
