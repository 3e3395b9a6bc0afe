// @ts-check
/**
 * Runs before the page is laid out.
 *
 * The build joins what it imports into one classic script: modules would come too late.
 */

import "./ahead.js"; // first: it takes longest to come
import "./lost.js";
import "./settling.js";
import "./theme.js";
