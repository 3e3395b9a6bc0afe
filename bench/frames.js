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
   * Drag a control through values, and return for each how long it took until a canvas showed it or a later one.
   * @param {{widget: string, control: string, readout: string, values: number[], expected: number[], eager: boolean}} task
   *   each value is another readout; `eager`: the next event follows an answer at once, not at the next frame
   * @returns {Promise<{times: number[], stages: Stages[]}>}
   */
  function drag({ widget, control, readout, values, expected, eager }) {
    const figure = /** @type {HTMLElement} */ (document.querySelector(`figure[data-widget="${widget}"]`));
    const input = /** @type {HTMLInputElement} */ (figure.querySelector(control));
    const output = /** @type {HTMLElement} */ (figure.querySelector(`[data-readout="${readout}"]`));
    /** @type {number[]} */
    const sent = [];
    /** @type {number[]} */
    const times = [];
    /** @type {Stages[]} */
    const all = [];
    let isFirst = true;
    return new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => send();
      const stuck = setTimeout(() => reject(new Error(`${widget}: event ${times.length} of ${values.length} was not painted`)),
        120_000);
      function send() {
        const index = sent.length;
        if (index === values.length) return;
        if (!eager) spin();
        stages = { sent: now() };
        sent.push(now());
        input.value = String(values[index % values.length]);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
      painted = () => {
        const value = Number(output.dataset.value);
        // The newest event with this answer; those before it are superseded, and shown with it.
        let index = sent.length - 1;
        while (index >= times.length && !(Math.abs(expected[index] - value) <= 1e-9 * Math.abs(value))) index -= 1;
        if (index < times.length) return;
        if (index === sent.length - 1 && index === times.length && stages.posted && stages.arrived) {
          const known = /** @type {Stages} */ (stages);
          requestAnimationFrame(() => {
            known.frame = now();
          });
          all.push(known);
        }
        while (times.length <= index) times.push(now() - sent[times.length]);
        if (times.length === values.length) {
          painted = () => {};
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
        if (times.length < values.length) requestAnimationFrame(frame);
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
