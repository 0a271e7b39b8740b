// Forms: what is wrong stands at the field that it is about, and what was entered stays.
import { fill, fresh, h } from "./dom.js";
import { Problem } from "./orderline.js";
import { remaining } from "./text.js";
import { problemText, t, tOr } from "./texts.js";

/**
 * @typedef {object} Field
 * @property {string} name as the interface calls it
 * @property {string} label
 * @property {string} [type] of an `input`, or `textarea`, or `pairs`: rows of a name and a value
 * @property {string} [autocomplete]
 * @property {any} [value]
 * @property {string} [hint]
 * @property {boolean} [isHidden] whether it is not there yet
 * @property {boolean} [isOptional] whether it may be left empty
 * @property {number} [limit] characters at most
 */
/** @typedef {{ element: HTMLElement, input: HTMLElement, value: any, isOptional: boolean, isEmpty: boolean, fault: string, blame(text: string): void }} FieldView */

/**
 * @typedef {object} FormDescription
 * @property {Field[]} fields
 * @property {string} submit what the button says
 * @property {(values: Record<string, any>, form: Form) => Promise<string | void>} send given the values of the fields that are there; may tell what to say when it is done
 */

/**
 * A form whose fields are sent together.
 * @param {FormDescription} description
 */
export const form = (description) => new Form(description).element;

export class Form {
  /** @param {FormDescription} description */
  constructor({ fields, submit, send }) {
    this.send = send;
    /** @type {Map<string, FieldView>} */
    this.fields = new Map(fields.map((field) => [field.name, field.type === "pairs" ? new Pairs(field) : new Entry(field)]));
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
    field.value = "";
  }

  /** Of the fields that are there. */
  get values() { return Object.fromEntries([...this.fields].filter(([, { element }]) => !element.hidden).map(([name, { value }]) => [name, value])); }

  /** Says something above the fields. */
  say(/** @type {string} */ text, isBad = false) {
    this.notice.classList.toggle("bad", isBad);
    fill(this.notice, text);
  }

  async submitted() {
    // A second click while the first is under way means the first.
    if (this.isSending) return;
    const shown = [...this.fields.values()].filter(({ element }) => !element.hidden);
    const isMissing = (/** @type {FieldView} */ field) => field.isEmpty && !field.isOptional;
    for (const field of shown) field.blame(isMissing(field) ? t("fault.required") : "");
    const empty = shown.find(isMissing);
    if (empty) {
      this.say("");
      return empty.input.focus();
    }
    this.isSending = true;
    this.button.setAttribute("aria-disabled", "true");
    try {
      for (const [name, field] of this.fields) if (field.fault) throw new Problem({ code: "validation-failed", errors: [{ field: name, code: field.fault, message: "" }] });
      this.say((await this.send(this.values, this)) ?? "");
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
      // What is wrong within a value stands at the field that has it.
      const field = this.fields.get(name) ?? this.fields.get(name.split(".")[0]);
      if (!field || field.element.hidden) { rest.push(`${name}: ${message}`); continue; }
      field.blame(tOr("fault", code, { message }));
      first ??= field;
    }
    this.say(rest.length ? rest.join(" ") : first ? "" : problemText(problem), true);
    if (first) first.input.focus();
    else this.notice.scrollIntoView({ block: "nearest" });
  }
}

/** A label, what is entered, and what is said of it. */
class Entry {
  /** @param {Field} field */
  constructor({ name, label, type = "text", autocomplete, value = "", hint, isHidden, isOptional = false, limit }) {
    const id = fresh();
    this.isOptional = isOptional;
    this.notice = h("p", { class: "fault", id: `${id}-fault` });
    const isLong = type === "textarea";
    /** @type {HTMLInputElement} */
    this.input = h(isLong ? "textarea" : "input", {
      id, name, type: isLong ? undefined : type, autocomplete, value, autocapitalize: type === "text" && name === "name" ? "words" : "none", dir: isLong ? "auto" : undefined,
      rows: isLong ? "4" : undefined, inputmode: type === "number" ? "numeric" : undefined, min: type === "number" ? "1" : undefined,
      spellcheck: isLong ? undefined : "false", "aria-describedby": hint ? `${id}-hint ${id}-fault` : `${id}-fault`,
    });
    this.element = h(
      "div", { class: `field${isLong ? " wide" : ""}`, hidden: isHidden ?? false },
      h("label", { for: id }, label, isOptional && h("span", { class: "optional" }, t("field.optional"))),
      type === "password" ? h("div", { class: "with-button" }, this.input, this.shower(label)) : this.input,
      hint && h("p", { class: "hint", id: `${id}-hint` }, hint), limit && this.counter(limit), this.notice,
    );
  }

  get value() { return this.input.value; }
  set value(value) { this.input.value = value; }
  get isEmpty() { return !this.input.value; }
  get fault() { return ""; }

  /** @param {number} limit */
  counter(limit) {
    const count = h("p", { class: "hint", role: "status" });
    const changed = () => {
      const { left, said } = remaining(this.input.value, limit);
      fill(count, said);
      count.classList.toggle("bad", left < 0);
    };
    this.input.addEventListener("input", changed);
    changed();
    return count;
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
  blame(text) { accuse(this.notice, this.input, text); }
}

/** Rows of a name and a value, as an object; there is always an empty one at the end. */
class Pairs {
  /** @param {Field} field */
  constructor({ name, label, value, hint, isHidden, isOptional = false }) {
    const id = fresh();
    this.isOptional = isOptional;
    this.label = label;
    this.notice = h("p", { class: "fault", id: `${id}-fault` });
    this.rows = h("div", { class: "pairs" });
    this.element = h(
      "fieldset", { class: "field wide", hidden: isHidden ?? false, "aria-describedby": `${id}-fault` },
      h("legend", {}, label, isOptional && h("span", { class: "optional" }, t("field.optional"))), hint && h("p", { class: "hint" }, hint), this.rows, this.notice,
    );
    this.name = name;
    this.value = value;
  }

  /** @returns {HTMLInputElement} */
  get input() { return /** @type {HTMLInputElement} */ (this.rows.querySelector("input")); }

  get entries() {
    return [...this.rows.children].map((row) => [...row.querySelectorAll("input")].map(({ value }) => value)).filter(([name, value]) => name || value);
  }

  get isEmpty() { return this.entries.length === 0; }

  /** What is wrong before it is sent: of two values of one name one would be lost. */
  get fault() { return new Set(this.entries.map(([name]) => name)).size < this.entries.length ? "duplicate" : ""; }

  /** @returns {Record<string, unknown>} */
  get value() { return Object.fromEntries(this.entries.map(([name, value]) => [name, meant(value)])); }

  /** @param {any} value */
  set value(value) {
    fill(this.rows);
    for (const [name, each] of Object.entries(value || {})) this.add(name, typeof each === "string" && meant(each) === each ? each : JSON.stringify(each));
    this.add();
  }

  add(name = "", value = "") {
    const index = this.rows.children.length + 1;
    const entry = (/** @type {string} */ label, /** @type {string} */ text) =>
      h("input", { value: text, placeholder: label, "aria-label": `${this.label}, ${label} ${index}`, dir: "auto", oninput: () => this.changed() });
    const row = h("div", { class: "pair" }, entry(t("pairs.name"), name), entry(t("pairs.value"), value));
    row.append(h("button", { type: "button", class: "quiet", "aria-label": `${t("pairs.remove")}: ${index}`, onclick: () => this.remove(row) }, "×"));
    this.rows.append(row);
  }

  /** @param {HTMLElement} row */
  remove(row) {
    row.remove();
    this.changed();
    this.input.focus();
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  changed() {
    const last = this.rows.lastElementChild;
    if (!last || [...last.querySelectorAll("input")].some(({ value }) => value)) this.add();
  }

  /** @param {string} text */
  blame(text) { accuse(this.notice, this.input, text); }
}

/**
 * What somebody means who writes a number, true, false or null, or JSON; everything else is a text. A number that would be
 * kept as another one stays a text.
 * @param {string} text
 */
function meant(text) {
  if (!/^(-?\d|true$|false$|null$|[[{"])/.test(text)) return text;
  try {
    const value = JSON.parse(text);
    return typeof value === "number" && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

/**
 * @param {HTMLElement} fault
 * @param {HTMLElement} input
 * @param {string} text
 */
function accuse(fault, input, text) {
  fill(fault, text);
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
