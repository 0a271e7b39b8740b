// What a list is filtered by: it stands in the address, so it can be shared, and Back works.
import { h } from "./dom.js";

/** How long is waited for the next letter before something is looked for (milliseconds). */
const PAUSE = 250;

/**
 * An address with other filters.
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {Record<string, string>} changes an empty text is none
 */
export function with_(path, query, changes) {
  const all = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) all.set(name, value);
    else all.delete(name);
  }
  const text = String(all);
  return text ? `${path}?${text}` : path;
}

/** A field that looks for something a moment after it was entered. */
export class SearchField {
  /**
   * @param {string} label
   * @param {(text: string) => void} look
   */
  constructor(label, look) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {HTMLInputElement} */
    this.input = h("input", { type: "search", name: "q", placeholder: label, "aria-label": label, maxlength: "200", autocomplete: "off", spellcheck: "false", dir: "auto", "data-key": "/" });
    const now = () => { this.stop(); look(this.text); };
    this.input.addEventListener("input", () => { this.stop(); this.timer = setTimeout(now, PAUSE); });
    this.input.addEventListener("search", now);
    this.element = h("form", { class: "search", role: "search", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); now(); } }, this.input);
  }

  get text() { return this.input.value.trim(); }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /**
   * What the address says is looked for, unless something else is just being written.
   * @param {string} text
   */
  show(text) {
    if (document.activeElement !== this.input && this.timer === undefined) this.input.value = text;
  }

  /**
   * A link to the same list with another filter. What was written a moment ago counts, though the address does not say it yet.
   * @param {string} path
   * @param {() => URLSearchParams} query
   * @param {Record<string, string>} changes
   * @param {boolean} isCurrent
   * @param {...(string | Node)} content
   */
  link(path, query, changes, isCurrent, ...content) {
    return h("a", {
      href: `#${with_(path, query(), changes)}`,
      "aria-current": isCurrent ? "true" : undefined,
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || this.timer === undefined) return;
        event.preventDefault();
        this.stop();
        location.hash = with_(path, query(), { q: this.text, ...changes });
      },
    }, ...content);
  }
}
