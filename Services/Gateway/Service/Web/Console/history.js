// A list of any length of which only what can be seen is there: rows are known by their numbers, from 1 to `count`.
import { h } from "./dom.js";

/** What a row is taken to be high until it has been seen (pixels). */
const GUESS = 68;
/** How far beyond what can be seen rows are there already (pixels). */
const MARGIN = 800;
/** How near to the end is at the end (pixels). */
const NEAR = 48;

export class History {
  /**
   * @param {object} about
   * @param {string} about.label
   * @param {(number: number) => HTMLElement} about.row makes one, also of what is not known yet
   * @param {(from: number, to: number) => void} about.shown told which rows are there
   * @param {() => void} about.moved told when it was scrolled or has grown
   */
  constructor({ label, row, shown, moved }) {
    this.row = row;
    this.shown = shown;
    this.moved = moved;
    this.count = 0;
    /** @type {number[]} By number less one; 0 is not known. */
    this.heights = [];
    /** @type {Float64Array | null} Where each begins, made when needed. */
    this.tops = null;
    this.known = 0;
    this.sum = 0;
    /** @type {Map<number, HTMLElement>} */
    this.rows = new Map();
    /** @type {Set<number>} Rows that were made before what they show was known. */
    this.empty = new Set();
    /** What comes behind all rows. */
    this.tail = h("div", { class: "tail" });
    this.before = h("div", { class: "gap", "aria-hidden": "true" });
    this.after = h("div", { class: "gap", "aria-hidden": "true" });
    this.list = h("ol", { class: "messages" });
    /** @type {HTMLElement} */
    this.element = h("div", { class: "history", tabindex: "0", role: "region", "aria-label": label }, this.before, this.list, this.after, this.tail);
    /** Whether it stays at the end when it grows. */
    this.isAtEnd = true;
    this.frame = 0;
    this.width = 0;
    this.element.addEventListener("scroll", () => this.soon(), { passive: true });
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.element);
    this.watch.observe(this.tail);
  }

  leave() {
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
  }

  get guess() { return this.known ? this.sum / this.known : GUESS; }

  /** @param {number} number */
  top(number) {
    if (!this.tops) {
      const { guess } = this;
      this.tops = new Float64Array(this.count + 1);
      for (let index = 0; index < this.count; index++) this.tops[index + 1] = this.tops[index] + (this.heights[index] || guess);
    }
    return this.tops[number - 1];
  }

  /**
   * The row at a distance from the beginning.
   * @param {number} distance
   */
  at(distance) {
    let low = 1, high = Math.max(1, this.count);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(middle) <= distance) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * The first row in sight that shows something; else the first in sight.
   * @param {number} from
   * @param {number} to
   */
  read(from, to) {
    const first = this.at(from);
    for (let number = first; number <= this.count && this.top(number) < to; number++) {
      if (this.heights[number - 1] && !this.empty.has(number)) return number;
    }
    return first;
  }

  /** @param {number} count */
  grow(count) {
    if (count <= this.count) return;
    while (this.heights.length < count) this.heights.push(0);
    this.count = count;
    this.tops = null;
    this.render();
  }

  /**
   * Makes rows anew that are there, because what they show has changed.
   * @param {number} from
   * @param {number} to
   */
  refresh(from, to) {
    const held = this.hold();
    let isThere = false;
    for (const [number, row] of this.rows) {
      if (number < from || number > to) continue;
      row.replaceWith(this.make(number));
      isThere = true;
    }
    if (isThere) this.render(held);
  }

  soon() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const { scrollTop, clientHeight, scrollHeight } = this.element;
      if (!clientHeight) return;
      this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
      this.render();
      this.moved();
    });
  }

  resized() {
    const { clientWidth } = this.element;
    // Not shown: what is known of the rows holds when it is shown again.
    if (!clientWidth) return;
    const held = this.hold();
    if (clientWidth !== this.width) {
      // Lines break elsewhere.
      this.width = clientWidth;
      this.heights.fill(0);
      this.known = this.sum = 0;
      this.tops = null;
    }
    this.render(held);
    this.moved();
  }

  /** Scrolls to the end and stays there. */
  toEnd() {
    this.isAtEnd = true;
    this.render();
    this.moved();
  }

  /**
   * Scrolls so that a row is a third below the top.
   * @param {number} number
   */
  to(number) {
    this.isAtEnd = false;
    for (let count = 0; count < 3; count++) {
      this.element.scrollTop = Math.max(0, this.top(number) - this.element.clientHeight / 3);
      this.render();
    }
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /**
   * What is read, and where: it is to stay there, whatever turns out to be higher than it was taken to be.
   * @returns {{ number: number, offset: number }}
   */
  hold() {
    const { scrollTop, clientHeight } = this.element;
    const number = this.count && clientHeight ? this.read(scrollTop, scrollTop + clientHeight) : 0;
    // By its end: a name may appear or go at its top.
    return { number, offset: number ? this.top(number + 1) - scrollTop : 0 };
  }

  /** Puts those rows there that can be seen. */
  render({ number: held, offset } = this.hold()) {
    const { element } = this;
    const height = element.clientHeight;
    if (!height) return;
    // Measuring may bring further rows into sight: again, until it does not.
    for (let count = 0; count < 4; count++) {
      const start = this.isAtEnd ? Math.max(0, (this.count ? this.top(this.count + 1) : 0) - height) : held ? this.top(held + 1) - offset : 0;
      const from = this.at(start - MARGIN), to = this.count ? this.at(start + height + MARGIN) : 0;
      this.put(from, to);
      const isMeasured = this.measure();
      this.before.style.height = `${this.count ? this.top(from) : 0}px`;
      this.after.style.height = `${this.count ? this.top(this.count + 1) - this.top(to + 1) : 0}px`;
      if (this.isAtEnd) element.scrollTop = element.scrollHeight;
      else if (held) element.scrollTop = this.top(held + 1) - offset;
      if (!isMeasured) break;
    }
    if (this.rows.size) this.shown(Math.min(...this.rows.keys()), Math.max(...this.rows.keys()));
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  put(from, to) {
    for (const [number, row] of this.rows) {
      if (number >= from && number <= to) continue;
      // The keyboard goes on from here.
      if (row.contains(document.activeElement)) /** @type {HTMLElement} */ (this.element).focus({ preventScroll: true });
      row.remove();
      this.rows.delete(number);
    }
    /** @type {Element | null} */
    let next = null;
    for (let number = to; number >= from && number > 0; number--) {
      let row = this.rows.get(number);
      if (!row) {
        row = this.make(number);
        this.list.insertBefore(row, next);
      }
      next = row;
    }
  }

  /** @param {number} number */
  make(number) {
    const row = this.row(number);
    if (row.hasAttribute("aria-busy")) this.empty.add(number);
    else this.empty.delete(number);
    row.setAttribute("aria-posinset", String(number));
    row.setAttribute("aria-setsize", String(this.count));
    this.rows.set(number, row);
    return row;
  }

  measure() {
    let isChanged = false;
    for (const [number, row] of this.rows) {
      const height = row.getBoundingClientRect().height;
      const known = this.heights[number - 1];
      if (Math.abs(known - height) < 0.5) continue;
      this.known += known ? 0 : 1;
      this.sum += height - known;
      this.heights[number - 1] = height;
      isChanged = true;
    }
    if (isChanged) this.tops = null;
    return isChanged;
  }
}
