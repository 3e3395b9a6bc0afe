// @ts-check
/**
 * Put into a page before anything of its own: drags a control, and hears when each event was painted.
 *
 * Nothing of the page is changed but the doors that an answer passes: a worker's messages, `JSON.parse`, and a canvas's
 * drawing commands, which begin with one of those named below and have ended when the next microtask runs.
 */
/** @type {any} */ (globalThis).bench = (() => {
  // Seen from the worker too, whose clock has another zero.
  const now = () => performance.timeOrigin + performance.now();
  /** @typedef {Record<"sent" | "posted" | "arrived" | "parsing" | "drawing" | "drawn" | "frame", number>} Stages */
  /** @type {Partial<Stages>} of the answer that is under way */
  let stages = {};
  let painted = () => {};

  const { postMessage, addEventListener } = Worker.prototype;
  Worker.prototype.postMessage = /** @type {any} */ (function (/** @type {any} */ ...words) {
    stages = { ...stages, posted: now(), parsing: 0 };
    // @ts-expect-error  the worker itself, and its words as they are
    return postMessage.apply(this, words);
  });
  Worker.prototype.addEventListener = function (/** @type {any} */ type, /** @type {any} */ listener, /** @type {any} */ options) {
    const hear = (/** @type {Event} */ event) => {
      if (type === "message") stages.arrived = now();
      listener(event);
    };
    return addEventListener.call(this, type, hear, options);
  };

  const { parse } = JSON;
  JSON.parse = (text, reviver) => {
    const began = now();
    try {
      return parse(text, reviver);
    } finally {
      stages.parsing = (stages.parsing ?? 0) + now() - began;
    }
  };

  /** How long a hand rests on a control before it moves, and how long it takes to and fro. */
  const HOLD_MS = 100;
  const SWING_MS = 2000;

  let isDrawing = false;
  const canvas = /** @type {any} */ (CanvasRenderingContext2D.prototype);
  for (const name of ["clearRect", "fill", "stroke", "fillRect", "fillText", "strokeText", "drawImage", "reset"]) {
    const command = canvas[name];
    canvas[name] = function (/** @type {any[]} */ ...words) {
      if (!isDrawing) {
        isDrawing = true;
        stages.drawing = now();
        queueMicrotask(() => {
          isDrawing = false;
          stages.drawn = now();
          painted();
        });
      }
      return command.apply(this, words);
    };
  }

  /** Spin for a part of a millisecond, so that events meet a browser that is stopped and continued at any moment of its runs. */
  function spin() {
    for (const end = now() + Math.random(); now() < end;);
  }

  /**
   * Take hold of a control, move it to and fro, and return for each event how long it took until a canvas showed it or a later one.
   * @param {{widget: string, control: string, readout: string, values: number[], expected: number[], from: number, count: number,
   *   eager: boolean, foreseen: boolean}} task so many events; each value is another readout, and the control stands at one of them;
   *   `eager`: one value after the other, each at once after the last one's answer; `foreseen`: whether Python may be asked ahead
   * @returns {Promise<{times: number[], stages: Stages[]}>}
   */
  async function drag({ widget, control, readout, values, expected, from, count, eager, foreseen }) {
    const figure = /** @type {HTMLElement} */ (document.querySelector(`figure[data-widget="${widget}"]`));
    const input = /** @type {HTMLInputElement} */ (figure.querySelector(control));
    const output = /** @type {HTMLElement} */ (figure.querySelector(`[data-readout="${readout}"]`));
    /** @type {number[]} */
    const sent = [];
    /** The readout of each event. @type {number[]} */
    const wanted = [];
    /** @type {number[]} */
    const times = [];
    /** @type {Stages[]} */
    const all = [];
    let isFirst = true;
    let last = from;
    const middle = (values.length - 1) / 2;
    const phase = Math.asin((from - middle) / middle);
    // What has no steps has none to foresee.
    if (!foreseen) Object.defineProperty(input, "step", { value: "any", configurable: true });
    input.blur();
    input.focus({ preventScroll: true });
    await new Promise((resolve) => { setTimeout(resolve, HOLD_MS); });
    const began = now();
    /** Where the hand is now. */
    const place = () => (eager ? sent.length % values.length
      : Math.round(middle + middle * Math.sin(phase + (2 * Math.PI * (now() - began)) / SWING_MS)));
    return new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => send();
      const stuck = setTimeout(() => reject(new Error(`${widget}: event ${times.length} of ${count} was not painted`)),
        120_000);
      function send() {
        if (sent.length === count) return;
        if (!eager) spin();
        const index = place();
        if (index === last && !eager) return;
        last = index;
        stages = { sent: now() };
        sent.push(now());
        wanted.push(expected[index]);
        input.value = String(values[index]);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
      painted = () => {
        const value = Number(output.dataset.value);
        // The newest event with this answer; those before it are superseded, and shown with it.
        let index = sent.length - 1;
        while (index >= times.length && !(Math.abs(wanted[index] - value) <= 1e-9 * Math.abs(value))) index -= 1;
        if (index < times.length) return;
        if (index === sent.length - 1 && index === times.length && stages.posted && stages.arrived) {
          const known = /** @type {Stages} */ (stages);
          requestAnimationFrame(() => {
            known.frame = now();
          });
          all.push(known);
        }
        while (times.length <= index) times.push(now() - sent[times.length]);
        if (times.length === count) {
          painted = () => {};
          if (!foreseen) delete (/** @type {any} */ (input)).step;
          clearTimeout(stuck);
          port1.close(); // it would keep all of this alive
          setTimeout(() => resolve({ times, stages: all }), 100);
        } else if (eager) {
          port2.postMessage(null);
        }
      };
      const frame = () => {
        if (!eager || isFirst) send();
        isFirst = false;
        if (times.length < count) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  /**
   * Run a loop of known length at the beginning of many frames; return how long each took.
   * @param {number} length in ms, at full speed
   * @param {number} pace rounds of the loop in a millisecond
   * @param {number} count
   * @returns {Promise<number[]>}
   */
  function loops(length, pace, count) {
    return new Promise((resolve) => {
      /** @type {number[]} */
      const times = [];
      const frame = () => {
        spin();
        const began = now();
        loop(length * pace);
        times.push(now() - began);
        if (times.length < count) requestAnimationFrame(frame);
        else resolve(times);
      };
      requestAnimationFrame(frame);
    });
  }

  /** @param {number} rounds */
  function loop(rounds) {
    let sum = 0;
    for (let i = 0; i < rounds; i += 1) sum += Math.sqrt(i);
    return sum;
  }

  /** Return the rounds of the loop that take a millisecond at the speed that the browser has now. */
  function pace() {
    let best = 0;
    for (let turn = 0; turn < 40; turn += 1) {
      const began = now();
      loop(1e6);
      if (turn > 5) best = Math.max(best, 1e6 / (now() - began));
    }
    return best;
  }

  /** For the worker: note when each call arrives and when its answer leaves. */
  function listenInWorker() {
    const scope = /** @type {any} */ (globalThis);
    const { onmessage, postMessage } = scope;
    if (!onmessage) return false;
    /** @type {number[][]} */
    const calls = (scope.benchCalls = []);
    const now = () => performance.timeOrigin + performance.now();
    scope.onmessage = (/** @type {MessageEvent} */ event) => {
      calls.push([now(), 0]);
      onmessage.call(scope, event);
    };
    scope.postMessage = (/** @type {any[]} */ ...words) => {
      const last = calls.at(-1);
      if (last && !last[1]) last[1] = now();
      postMessage.apply(scope, words);
    };
    return true;
  }

  return { drag, loops, pace, listenInWorker };
})();
