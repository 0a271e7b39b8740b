// Where a message is written. What is written is kept until it is sent, also when the page or the session ends.
import { fill, fresh, h } from "./dom.js";
import { draft } from "./kept.js";
import { isBlank, length, remaining } from "./text.js";
import { t } from "./texts.js";

/** Characters of a message at most. */
export const LIMIT = 4_000;
/** Others are told so often that one is writing (milliseconds); they forget it after six seconds. */
const TOLD = 3_000;

/**
 * @param {object} about
 * @param {string} about.user
 * @param {string} about.orderId
 * @param {(content: string) => void} about.send
 * @param {(isTyping: boolean) => void} about.typing
 */
export function composer({ user, orderId, send, typing }) {
  const kept = draft("draft", user, orderId);
  const stopping = new AbortController();
  const id = fresh();
  let told = 0;
  /** @type {HTMLTextAreaElement} */
  const input = h("textarea", { id, rows: "1", name: "message", dir: "auto", value: kept.get(), placeholder: t("write.placeholder"), "aria-describedby": `${id}-count ${id}-keys`, "data-key": "r" });
  const count = h("span", { class: "count", id: `${id}-count`, role: "status" });
  const button = h("button", { type: "submit", class: "primary" }, t("write.send"));
  const element = h(
    "form", { class: "composer", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); submit(); } },
    h("label", { for: id, class: "unseen-text" }, t("write.label")),
    input,
    h("div", { class: "composer-foot" }, h("span", { class: "hint", id: `${id}-keys` }, t("write.keys")), count, button),
  );

  function changed() {
    const { left, said } = remaining(input.value, LIMIT);
    fill(count, said);
    count.classList.toggle("bad", left < 0);
    button.setAttribute("aria-disabled", String(left < 0 || isBlank(input.value)));
    if (left < 0) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    // As high as what is written, up to what the style allows.
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  }

  function stopped() {
    if (!told) return;
    told = 0;
    typing(false);
  }

  function submit() {
    const content = input.value;
    if (isBlank(content) || length(content) > LIMIT) return input.focus();
    send(content);
    input.value = "";
    kept.put("");
    told = 0;
    changed();
    input.focus();
  }

  input.addEventListener("input", () => {
    kept.put(input.value);
    changed();
    if (isBlank(input.value)) return stopped();
    if (Date.now() - told < TOLD) return;
    told = Date.now();
    typing(true);
  });
  input.addEventListener("blur", stopped);
  input.addEventListener("keydown", (event) => {
    // While letters are being composed, Enter ends that; on glass it is a line, for there is no Shift.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    submit();
  });
  // Written, or sent, in another tab: taken over where nobody writes here now.
  const take = () => {
    if (input.value === kept.get()) return;
    input.value = kept.get();
    changed();
  };
  addEventListener("storage", ({ key }) => { if (key === kept.name && !(document.hasFocus() && document.activeElement === input)) take(); }, { signal: stopping.signal });
  requestAnimationFrame(changed);

  return {
    element,
    focus: () => input.focus(),
    leave() {
      stopped();
      stopping.abort();
    },
  };
}
