// Keys for those who work here all day. Single letters can be turned off (WCAG 2.2, 2.1.4).
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./texts.js";

/** Whether they are on. */
export const areKeysOn = () => localStorage.getItem("keys") !== "off";

/** @param {boolean} isOn */
export const turnKeys = (isOn) => localStorage.setItem("keys", isOn ? "on" : "off");

const LIST = ["j", "k", "Enter", "/", "r", "e", "?", "Escape"];

/** @param {EventTarget | null} target */
const isWritten = (target) => target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");

/**
 * Listens for the whole page: `/` and `e` go where a `data-key` says so, j and k through the rows of a `data-keys` list.
 */
export function listen() {
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (key === "Escape" && isWritten(target)) return /** @type {HTMLElement} */ (target).blur();
    if (isWritten(target) || !areKeysOn()) return;
    if (key === "?") list();
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else {
      const element = LIST.includes(key) && /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(key)}"]`));
      if (!element || element.getClientRects().length === 0) return;
      if (element.matches("input, textarea")) element.focus();
      else element.click();
    }
    event.preventDefault();
  });
}

/** @param {number} by */
function step(by) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-keys] a")]);
  if (!rows.length) return;
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const now = active && rows.includes(active) ? rows.indexOf(active) : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

/** Shows the list of keys. */
export function list() {
  dialog(t("keys.title"), (close) => [
    h("dl", { class: "keys" }, LIST.map((key) => h("div", {}, h("dt", {}, h("kbd", {}, key === "Escape" ? "Esc" : key)), h("dd", {}, t(`keys.${{ "/": "search", "?": "list" }[key] ?? key}`))))),
    h("p", { class: "quiet-text" }, t("keys.off")),
    h("p", { class: "actions" }, h("button", { type: "button", onclick: close }, t("shut"))),
  ]);
}
