// @ts-check
/**
 * A worker for Python: made, greeted, and told where its files are.
 */
import { StartError, fetchFile } from "./downloads.js";
import * as protocol from "./protocol.js";

/** @typedef {Pick<Worker, "postMessage" | "terminate" | "addEventListener">} WorkerLike */
/** @typedef {Exclude<protocol.FromWorker, protocol.Hello>} Heard */

/**
 * A classic worker made from a Blob: a module worker, or one by URL, is refused in a sandboxed frame.
 * @param {string} workerUrl
 * @returns {WorkerLike}
 */
export function makeBlobWorker(workerUrl) {
  // Nobody else would see the import fail.
  const fault = protocol.failed("blocked", "The file worker.js could not be loaded: the connection or a content "
    + "blocker may be the cause. Check the connection, then try again.");
  const body = `import(${JSON.stringify(workerUrl)}).catch(() => postMessage(${JSON.stringify(fault)}))`;
  const url = URL.createObjectURL(new Blob([body], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

/** @type {(manifestUrl: string, fresh: boolean) => Promise<protocol.Manifest>} */
export async function fetchManifest(manifestUrl, fresh) {
  const name = new URL(manifestUrl).pathname.split("/").at(-1) ?? "";
  const body = await fetchFile(name, manifestUrl, fresh ? "reload" : "default");
  try {
    return protocol.readManifest(await new Response(body).json());
  } catch {
    throw new StartError("corrupt", `The file ${name} is damaged or cut short. Reload the page, or try again.`);
  }
}

/**
 * Pass on what a worker says; return a promise of its first sign of life.
 * @param {WorkerLike} worker
 * @param {(message: Heard) => void} hear may throw at a message out of turn, which is a loss too
 * @param {() => void} lose the worker died, or cannot be understood
 * @returns {Promise<void>}
 */
export function listenTo(worker, hear, lose) {
  worker.addEventListener("error", lose);
  worker.addEventListener("messageerror", lose);
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => {
      try {
        const message = protocol.readFromWorker(data);
        if (message.tag === "hello") resolve();
        else hear(message);
      } catch (reason) {
        console.error(reason);
        lose();
      }
    });
  });
}
