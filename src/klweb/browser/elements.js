// @ts-check
// Elements made by scripts. Text is only ever set as text.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {(string | Node)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * @param {string} words
 * @param {() => void} [act]
 * @param {string} [about] what only those need to be told who do not see where the button stands
 */
export function makeButton(words, act, about) {
  const button = make("button", "", words);
  button.type = "button";
  if (about) button.append(make("span", "hidden", `: ${about}`));
  if (act) button.addEventListener("click", act);
  return button;
}

/**
 * @param {string} words
 * @param {string} url
 */
export function makeLink(words, url) {
  const link = make("a", "", words);
  link.href = url;
  return link;
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 */
export function find(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}
