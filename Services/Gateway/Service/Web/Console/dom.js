// Elements, made by calls. A text becomes a text and never HTML.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `onclick` and its like are listeners; `true` is an empty attribute, `false`, `null` and `undefined` none; `value` is the property
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === "value") /** @type {HTMLInputElement} */ (element).value = String(value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...nodes(children));
  return element;
}

/**
 * Puts `children` in the place of what an element has.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) { element.replaceChildren(...nodes(children)); }

/**
 * `fill`, where what is there now may have the focus: its like gets it, or the element itself.
 * @param {HTMLElement} element
 * @param {...(Child | Child[])} children
 */
export function refill(element, ...children) {
  const active = document.activeElement;
  const had = active instanceof HTMLElement && element.contains(active) ? active : null;
  fill(element, ...children);
  if (!had || had.isConnected) return had?.focus({ preventScroll: true });
  const name = (/** @type {Element} */ each) => `${each.tagName} ${each.getAttribute("aria-label") ?? each.textContent?.replace(/[\d.,\s]+/g, "")}`;
  const alike = [...element.querySelectorAll(had.tagName)];
  const like = alike.find((each) => name(each) === name(had)) ?? (alike.length === 1 ? alike[0] : undefined);
  if (!like) element.tabIndex = -1;
  /** @type {HTMLElement} */ (like ?? element).focus({ preventScroll: true });
}

/** @param {(Child | Child[])[]} children */
const nodes = (children) =>
  children.flat().filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child)));

let last = 0;

/** An id that nothing else has. */
export const fresh = () => `e${++last}`;
