// @ts-check
// The views that the build computed ahead of time: one file for each frame, fetched once.

/** @typedef {import("./figure.js").Answer} Answer */

export class Presets {
  /** @type {Map<string, Promise<Record<string, Answer>>>} */
  #files = new Map();

  /**
   * @param {Record<string, string>} urls frame → URL
   */
  constructor(urls) {
    this.urls = urls;
  }

  /**
   * Return the answers for all presets in one frame. A fetch that failed is tried again the next time.
   * @param {string} frame
   */
  answers(frame) {
    let file = this.#files.get(frame);
    if (!file) {
      file = fetch(this.urls[frame], { credentials: "omit" }).then(async (response) => {
        if (!response.ok) throw new Error(`the server answers ${response.status}`);
        return (await response.json()).presets;
      });
      file.catch(() => this.#files.delete(frame));
      this.#files.set(frame, file);
    }
    return file;
  }
}
