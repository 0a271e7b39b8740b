// Dialogs: what is asked before something is done that cannot be taken back.
import { fill, fresh, h } from "./dom.js";
import { Problem } from "./orderline.js";
import { problemText, t } from "./texts.js";

/**
 * Shows a dialog; the browser keeps the focus in it, and Escape closes it.
 * @param {string} title
 * @param {(close: () => void) => (Node | null | false | undefined)[]} content
 */
export function dialog(title, content) {
  const id = fresh();
  /** @type {HTMLDialogElement} */
  const element = h("dialog", { "aria-labelledby": id });
  const close = () => element.close();
  element.append(h("h2", { id }, title), ...content(close).flatMap((node) => (node ? [node] : [])));
  element.addEventListener("close", () => element.remove());
  // Beside it: begun and ended there, not only ended, as when a text is selected.
  let isBeside = false;
  element.addEventListener("pointerdown", ({ target, clientX: x, clientY: y }) => {
    const box = element.getBoundingClientRect();
    isBeside = target === element && (x < box.left || x > box.right || y < box.top || y > box.bottom);
  });
  element.addEventListener("click", ({ target }) => { if (target === element && isBeside) close(); });
  addEventListener("hashchange", close, { once: true });
  document.body.append(element);
  element.showModal();
  return element;
}

/**
 * Asks, and does it.
 * @param {object} question
 * @param {string} question.title
 * @param {string} question.text what will happen
 * @param {string} question.action what the button says
 * @param {boolean} [question.isBad] whether something is lost
 * @param {() => Promise<void>} question.act
 */
export function confirm({ title, text, action, isBad = false, act }) {
  dialog(title, (close) => {
    const notice = h("p", { class: "fault", role: "alert" });
    const button = h("button", { type: "button", class: isBad ? "primary danger" : "primary", onclick: () => once(button, notice, async () => { await act(); close(); }) }, action);
    return [h("p", {}, text), notice, h("p", { class: "actions" }, button, h("button", { type: "button", autofocus: isBad, onclick: close }, t("cancel")))];
  });
}

/**
 * Does something once, whatever is clicked meanwhile, and says why it did not work.
 * @param {HTMLElement} button
 * @param {HTMLElement} notice
 * @param {() => Promise<void>} act
 */
export async function once(button, notice, act) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  fill(notice);
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    fill(notice, problemText(error));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
