// @ts-check
/**
 * What Python’s worker says, read and passed on.
 */

/**
 * @typedef {object} WorkerLike a worker, or what stands for one
 * @property {(message: any, transfer?: any) => void} postMessage
 * @property {() => void} terminate
 * @property {(type: any, listener: (event: any) => void) => void} addEventListener
 * @property {() => void} [doubt] called before `terminate` where it died, hangs, or talks nonsense
 */

/**
 * Pass on what a worker says.
 * @template Message
 * @param {WorkerLike} worker
 * @param {(message: Message) => void} hear may throw at a message out of turn, which is a loss too
 * @param {() => void} lose the worker died, or cannot be understood
 * @param {(data: unknown) => Message} read throws at what is no message
 */
export function listenTo(worker, hear, lose, read) {
  worker.addEventListener("error", lose);
  worker.addEventListener("messageerror", lose);
  worker.addEventListener("message", ({ data }) => {
    try {
      hear(read(data));
    } catch (reason) {
      console.error(reason);
      lose();
    }
  });
}
