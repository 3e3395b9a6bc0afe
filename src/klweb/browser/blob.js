// @ts-check
import { requestOf } from "./request.js";

/**
 * Make Python's worker: a classic one, from a Blob, since a module worker, or one by URL, is refused in a sandboxed frame.
 *
 * What it is told before its script is there waits for it in `early`. How to start is there from the beginning: a message
 * would have to wait until the page, busy with its layout, hears that there is a worker. What it will fetch first is on its
 * way, in `begun`, while its script is.
 * @param {string} workerUrl absolute
 * @param {import("./protocol.js").Start} start
 */
export function makeBlobWorker(workerUrl, start) {
  const name = new URL(workerUrl).pathname.split("/").at(-1);
  // Nobody else would see the import fail.
  /** @type {import("./protocol.js").Failed} */
  const fault = { tag: "failed", kind: "blocked", message: `The file ${name} could not be loaded: the connection or a `
    + "content blocker may be the cause. Check the connection, then try again." };
  const first = start.image && new URL(start.image.url, start.manifestUrl).href;
  const body = `self.begun = new Map(${JSON.stringify(first ? [first] : [])}.map((url) => [url, fetch(url, ${JSON.stringify(requestOf(start.fresh))})]));
    for (const file of begun.values()) file.catch(() => {});
    self.early = [{ data: ${JSON.stringify(start)} }]; onmessage = (event) => early.push(event);
    import(${JSON.stringify(workerUrl)}).catch(() => postMessage(${JSON.stringify(fault)}));`;
  const url = URL.createObjectURL(new Blob([body], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}
