// @ts-check
/**
 * What Python’s worker says, read and passed on.
 */
import * as protocol from "./protocol.js";

/** @typedef {Pick<Worker, "postMessage" | "terminate" | "addEventListener">} WorkerLike */

/**
 * Pass on what a worker says.
 * @param {WorkerLike} worker
 * @param {(message: protocol.FromWorker) => void} hear may throw at a message out of turn, which is a loss too
 * @param {() => void} lose the worker died, or cannot be understood
 */
export function listenTo(worker, hear, lose) {
  worker.addEventListener("error", lose);
  worker.addEventListener("messageerror", lose);
  worker.addEventListener("message", ({ data }) => {
    try {
      hear(protocol.readFromWorker(data));
    } catch (reason) {
      console.error(reason);
      lose();
    }
  });
}
