// @ts-check
/**
 * Put into a page before anything of its own: takes the time from a reader's first act to the frame that shows what came
 * of it. The act is a real one, done through the browser, and its time is the browser's own.
 *
 * @param {{widget: string, readout: string, act: "click" | "pointermove", withheld: boolean}} task
 *   `withheld`: a worker that is made never says anything, so that Python stays away without a change to the page
 */
function watch({ widget, readout, act, withheld }) {
  if (withheld) {
    globalThis.Worker = /** @type {any} */ (class extends EventTarget {
      postMessage() {}
      terminate() {}
    });
  }
  /** When the reader did it. */
  let acted = 0;
  addEventListener(act, (event) => {
    // A pointer that moves without a button held is only on its way.
    if (!acted && (act === "click" || /** @type {PointerEvent} */ (event).buttons)) acted = event.timeStamp;
  }, { capture: true });
  const look = () => {
    const figure = document.querySelector(`figure[data-widget="${widget}"]`);
    if (!acted || !figure?.querySelector(`[data-readout="${readout}"]`)) return;
    observer.disconnect();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => console.debug(`bench took ${performance.now() - acted}`);
    requestAnimationFrame(() => port2.postMessage(null));
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, attributes: true, attributeFilter: ["data-value"] });
}
