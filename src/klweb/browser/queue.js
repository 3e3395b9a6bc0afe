// @ts-check
/**
 * Requests to Python: one under way, and of each key only the newest waiting. Each settles, once.
 */

/** @typedef {import("./protocol.js").Fault} Fault */
/** @typedef {{status: "ok", value: any} | {status: "error", error: Fault} | {status: "superseded"}} Outcome */
/** @typedef {(outcome: Outcome) => void} Settle */
/** @typedef {{key: string, text: string, tries: number, settle: Settle, isWanted: boolean}} Request `isWanted`: somebody waits for it */

export class Queue {
  /** @type {Map<string, Request>} in the order in which their keys began to wait */
  #waiting = new Map();
  /** @type {Request | undefined} */
  current;

  /** Is anything still to be settled? */
  get isBusy() {
    return this.current !== undefined || this.#waiting.size > 0;
  }

  /** @param {string} key @param {string} text @param {Settle} settle @param {boolean} isWanted */
  add(key, text, settle, isWanted) {
    this.#waiting.get(key)?.settle({ status: "superseded" });
    this.#waiting.set(key, { key, text, tries: 0, settle, isWanted });
  }

  /** The next request, now the current one; nothing while there is one already. */
  take() {
    if (this.current) return undefined;
    const [request] = this.#waiting.values();
    if (!request) return undefined;
    this.#waiting.delete(request.key);
    request.tries += 1;
    this.current = request;
    return request;
  }

  /** @param {Outcome} outcome */
  settle(outcome) {
    const request = this.current;
    this.current = undefined;
    request?.settle(outcome);
  }

  /** Give up what nobody waits for. */
  forgo() {
    if (this.current?.isWanted === false) this.settle({ status: "superseded" });
    for (const [key, { isWanted, settle }] of this.#waiting) {
      if (isWanted) continue;
      this.#waiting.delete(key);
      settle({ status: "superseded" });
    }
  }

  /** The current request was lost: back to the front, unless a newer one waits or it is lost again. @param {Fault} fault */
  putBack(fault) {
    const request = this.current;
    if (!request) return;
    if (this.#waiting.has(request.key)) return this.settle({ status: "superseded" });
    if (request.tries > 1) return this.settle({ status: "error", error: fault });
    this.current = undefined;
    this.#waiting = new Map([[request.key, request], ...this.#waiting]);
  }

  /** Settle all of them with one error. @param {Fault} error */
  refuse(error) {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.settle({ status: "error", error });
    for (const { settle } of waiting) settle({ status: "error", error });
  }
}
