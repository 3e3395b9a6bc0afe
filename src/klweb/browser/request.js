// @ts-check

/**
 * How the runtime's files are asked for. A sandboxed page is a stranger even to its own host, which then has to let anyone
 * read them.
 * @param {boolean} fresh pass over the browser's cache, which after a failed start may hold a bad copy
 * @returns {RequestInit}
 */
export const requestOf = (fresh) => ({ mode: "cors", credentials: "omit", cache: fresh ? "reload" : "default" });
