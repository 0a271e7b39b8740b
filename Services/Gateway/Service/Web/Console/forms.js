// Forms: what is wrong stands at the field that it is about, and what was entered stays.
import { fill, fresh, h } from "./dom.js";
import { Problem } from "./orderline.js";
import { problemText, t, tOr } from "./texts.js";

/**
 * @typedef {object} Field
 * @property {string} name as the interface calls it
 * @property {string} label
 * @property {string} [type]
 * @property {string} [autocomplete]
 * @property {string} [value]
 * @property {string} [hint]
 * @property {boolean} [isHidden] whether it is not there yet
 */

/**
 * @typedef {object} FormDescription
 * @property {Field[]} fields
 * @property {string} submit what the button says
 * @property {(values: Record<string, string>, form: Form) => Promise<string | void>} send given the values of the fields that are there; may tell what to say when it is done
 */

/**
 * A form whose fields are sent together.
 * @param {FormDescription} description
 */
export const form = (description) => new Form(description).element;

class Form {
  /** @param {FormDescription} description */
  constructor({ fields, submit, send }) {
    this.send = send;
    this.fields = new Map(fields.map((field) => [field.name, new FieldView(field)]));
    this.notice = h("p", { class: "form-notice", role: "status" });
    this.button = h("button", { class: "primary", type: "submit" }, submit);
    /** @type {HTMLFormElement} */
    this.element = h(
      "form",
      { novalidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.submitted(); } },
      this.notice,
      [...this.fields.values()].map(({ element }) => element),
      h("p", { class: "actions" }, this.button),
    );
    this.isSending = false;
  }

  /** Shows a field that was not there, and goes to it. */
  reveal(/** @type {string} */ name) {
    const field = this.fields.get(name);
    if (!field) return;
    field.element.hidden = false;
    field.input.focus();
  }

  /** Takes a field away, with what was entered. */
  conceal(/** @type {string} */ name) {
    const field = this.fields.get(name);
    if (!field) return;
    field.element.hidden = true;
    field.input.value = "";
  }

  /** Says something above the fields. */
  say(/** @type {string} */ text, isBad = false) {
    this.notice.classList.toggle("bad", isBad);
    fill(this.notice, text);
  }

  async submitted() {
    // A second click while the first is under way means the first.
    if (this.isSending) return;
    const shown = [...this.fields.values()].filter(({ element }) => !element.hidden);
    for (const field of shown) field.blame(field.input.value ? "" : t("fault.required"));
    const empty = shown.find(({ input }) => !input.value);
    if (empty) {
      this.say("");
      return empty.input.focus();
    }
    this.isSending = true;
    this.button.setAttribute("aria-disabled", "true");
    try {
      const values = [...this.fields].filter(([, { element }]) => !element.hidden).map(([name, { input }]) => [name, input.value]);
      this.say((await this.send(Object.fromEntries(values), this)) ?? "");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.refused(error);
    } finally {
      this.isSending = false;
      this.button.removeAttribute("aria-disabled");
    }
  }

  /** @param {Problem} problem */
  refused(problem) {
    const faults = problem.code === "email-taken" ? [{ field: "email", code: "", message: problemText(problem) }] : problem.errors;
    /** @type {FieldView | undefined} */
    let first;
    const rest = [];
    for (const { field: name, code, message } of faults) {
      const field = this.fields.get(name);
      if (!field || field.element.hidden) { rest.push(`${name}: ${message}`); continue; }
      field.blame(tOr("fault", code, { message }));
      first ??= field;
    }
    this.say(rest.length ? rest.join(" ") : first ? "" : problemText(problem), true);
    if (first) first.input.focus();
  }
}

class FieldView {
  /** @param {Field} field */
  constructor({ name, label, type = "text", autocomplete, value = "", hint, isHidden }) {
    const id = fresh();
    this.fault = h("p", { class: "fault", id: `${id}-fault` });
    const notes = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
    /** @type {HTMLInputElement} */
    this.input = h("input", {
      id, name, type, autocomplete, value, autocapitalize: type === "text" && name === "name" ? "words" : "none",
      spellcheck: "false", "aria-describedby": hint ? `${id}-hint ${id}-fault` : `${id}-fault`,
    });
    this.element = h(
      "div", { class: "field", hidden: isHidden ?? false },
      h("label", { for: id }, label),
      type === "password" ? h("div", { class: "with-button" }, this.input, this.shower(label)) : this.input,
      notes, this.fault,
    );
  }

  /** @param {string} label */
  shower(label) {
    const button = h("button", { type: "button", class: "quiet", "aria-pressed": "false", "aria-label": `${t("field.password.show")}: ${label}` }, t("field.password.show"));
    button.addEventListener("click", () => {
      const isShown = this.input.type === "password";
      this.input.type = isShown ? "text" : "password";
      button.setAttribute("aria-pressed", String(isShown));
      fill(button, t(isShown ? "field.password.hide" : "field.password.show"));
    });
    return button;
  }

  /** @param {string} text what is wrong; nothing when nothing is */
  blame(text) {
    fill(this.fault, text);
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }
}
