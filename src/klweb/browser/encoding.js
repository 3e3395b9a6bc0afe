// @ts-check

/**
 * Whether this browser can decode a file that is stored compressed.
 * @param {string} encoding "plain", or a name that `DecompressionStream` may know
 */
export function decodes(encoding) {
  if (encoding === "plain") return true;
  try {
    return Boolean(new DecompressionStream(/** @type {CompressionFormat} */ (encoding)));
  } catch {
    return false;
  }
}
