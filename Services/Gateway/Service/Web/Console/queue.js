// The Admin's queue: orders of one state, by who waits.
import { fill, h } from "./dom.js";
import { Problem } from "./orderline.js";
import { with_ } from "./filters.js";
import { unreadBadge } from "./orders.js";
import { statusTag } from "./order.js";
import { brief } from "./text.js";
import { number, problemText, t, when } from "./texts.js";

/** @typedef {import("./orderline.js").Order} Order */

/** Orders that are fetched at once, and at the beginning at most. */
const PAGE = 100, FIRST = 1_000;
/** Of what is looked for, so many from each list. */
const FOUND = 50;
/** What happens within so long is shown at once (milliseconds). */
const TOGETHER = 50;

/** What can be shown first. */
export const SORTS = ["waiting", "newest"];

export class Queue {
  /**
   * @param {import("./store.js").Store} store
   */
  constructor(store) {
    this.store = store;
    this.stopping = new AbortController();
    this.query = new URLSearchParams();
    /** @type {Set<string>} What is in it. */
    this.ids = new Set();
    /** @type {string[]} As it is shown. */
    this.order = [];
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    /** @type {string | null} */
    this.cursor = null;
    this.turn = 0;
    this.isLoading = false;
    /** @type {Set<string>} What has come here while it was being loaded. */
    this.meanwhile = new Set();
    /** @type {Set<string>} What has changed since it was last looked at. */
    this.news = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.looking = undefined;
    this.list = h("ul", { class: "queue-list", "data-keys": true });
    this.state = h("div", { class: "list-state", role: "status" });
    this.more = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.next() }, t("list.more"));
    this.newer = h("button", { type: "button", class: "newer primary", hidden: true, onclick: () => this.renew() });
    this.scroller = h("div", { class: "queue-scroll" }, this.state, this.list, h("p", { class: "actions" }, this.more));
    this.element = h("div", { class: "queue" }, this.newer, this.scroller);
    // What is known of a room is asked for when its row is seen.
    this.watch = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        const id = /** @type {HTMLElement} */ (target).dataset.id ?? "";
        if (isIntersecting && !store.rooms.has(id)) store.room(id).catch(() => {});
      }
    }, { root: this.scroller, rootMargin: "200px" });
    const { signal } = this.stopping;
    /**
     * @param {string} name
     * @param {(data: any) => void} then
     */
    const on = (name, then) => store.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail), { signal });
    on("order", (id) => this.changed(id));
    on("room", (id) => this.changed(id));
    on("placed", ({ id }) => this.changed(id));
    on("again", () => this.load(true));
    this.element.addEventListener("pointerleave", () => this.take());
    this.clock = setInterval(() => this.redraw(), 60_000);
  }

  leave() {
    this.stopping.abort();
    this.watch.disconnect();
    clearInterval(this.clock);
    clearTimeout(this.looking);
  }

  get status() { return this.query.get("queue") ?? "Review"; }
  get text() { return this.query.get("q") ?? ""; }

  /** @param {URLSearchParams} query */
  show(query) {
    const before = this.query;
    this.query = query;
    const isSame = ["queue", "q"].every((name) => before.get(name) === query.get(name)) && this.turn > 0;
    if (!isSame) this.load();
    else if (before.get("sort") !== query.get("sort")) this.arrange();
    else this.redraw();
  }

  /** @param {boolean} [isAgain] whether it is what is there already, read anew */
  async load(isAgain = false) {
    const turn = ++this.turn;
    if (!this.rows.size) fill(this.state, h("p", { class: "quiet-text" }, t("loading")));
    this.list.setAttribute("aria-busy", "true");
    this.isLoading = true;
    this.meanwhile.clear();
    /** @type {Set<string>} */
    const ids = new Set();
    try {
      await (this.text ? this.find(turn, ids) : this.fetch(turn, ids));
      if (turn !== this.turn || this.stopping.signal.aborted) return;
      this.isLoading = false;
      this.ids = new Set([...ids, ...this.meanwhile]);
      if (isAgain) this.offer();
      else this.arrange();
    } catch (error) {
      if (this.stopping.signal.aborted || turn !== this.turn) return;
      if (!(error instanceof Problem)) throw error;
      this.isLoading = false;
      fill(this.state, h("p", { role: "alert" }, problemText(error)), h("p", {}, h("button", { type: "button", onclick: () => this.load() }, t("again"))));
    } finally {
      if (turn === this.turn) this.list.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {number} turn
   * @param {Set<string>} ids where they go
   */
  async fetch(turn, ids) {
    this.cursor = null;
    // Those in review have open rooms: few questions for many. What is not had is asked for when its row is seen.
    const rooms = this.status === "Review" && this.openRooms().catch((error) => {
      if (!(error instanceof Problem) && !this.stopping.signal.aborted) throw error;
    });
    do {
      if (!(await this.fetchPage(turn, ids))) return;
      if (this.order.length) continue;
      // Something to look at while the rest comes.
      this.ids = ids;
      this.arrange();
    } while (this.cursor && ids.size < FIRST && this.status === "Review");
    await rooms;
  }

  /**
   * @param {number} turn
   * @param {Set<string>} ids
   * @returns {Promise<boolean>} whether it is still wanted
   */
  async fetchPage(turn, ids) {
    const page = await this.store.page({ status: this.status === "all" ? undefined : this.status, limit: PAGE, cursor: this.cursor ?? undefined });
    if (turn !== this.turn) return false;
    for (const { id } of page.orders) ids.add(id);
    this.cursor = page.next;
    return true;
  }

  async openRooms() {
    let count = 0;
    for await (const room of this.store.client.rooms({ open: true }, this.stopping.signal)) {
      this.store.keepRoom(room);
      if (++count >= FIRST) break;
    }
  }

  /**
   * Looks in orders and in rooms, for each looks elsewhere.
   * @param {number} turn
   * @param {Set<string>} ids
   */
  async find(turn, ids) {
    this.cursor = null;
    const { client } = this.store;
    const { signal } = this.stopping;
    const [page, rooms] = await Promise.all([
      this.store.page({ q: this.text, limit: FOUND }),
      client.call("GET", "/chat/rooms", { query: { q: this.text, limit: FOUND }, signal }),
    ]);
    if (turn !== this.turn) return;
    for (const room of rooms.items) this.store.keepRoom(room);
    /** @type {string[]} */
    const found = rooms.items.map((/** @type {{ orderId: string }} */ { orderId }) => orderId);
    await this.store.some(found, () => turn === this.turn && !signal.aborted);
    for (const { id } of page.orders) ids.add(id);
    for (const id of found) ids.add(id);
  }

  async next() {
    this.more.setAttribute("aria-disabled", "true");
    try {
      await this.fetchPage(this.turn, this.ids);
      this.arrange();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      fill(this.state, h("p", { role: "alert" }, problemText(error)));
    } finally {
      this.more.removeAttribute("aria-disabled");
    }
  }

  /**
   * Whether an order belongs here.
   * @param {Order} order
   */
  belongs(order) {
    if (this.text) return this.ids.has(order.id);
    return this.status === "all" || order.status === this.status;
  }

  /**
   * Since when somebody waits for an answer; nothing when nobody does.
   * @param {string} id
   */
  waiting(id) {
    const room = this.store.rooms.get(id);
    if (!room?.isOpen) return "";
    if (!room.lastMessage) return room.createdAt;
    return room.lastMessage.sender.role === "Admin" ? "" : room.lastMessage.createdAt;
  }

  /** The order in which they should stand. */
  sorted() {
    const { store } = this;
    const all = [...this.ids].filter((id) => { const order = store.orders.get(id); return order && this.belongs(order); });
    const placed = (/** @type {string} */ id) => /** @type {Order} */ (store.orders.get(id)).createdAt;
    const active = (/** @type {string} */ id) => store.rooms.get(id)?.lastMessage?.createdAt ?? placed(id);
    const newest = (/** @type {string} */ one, /** @type {string} */ other) => (active(one) < active(other) ? 1 : -1);
    if ((this.query.get("sort") ?? "waiting") === "newest") return all.sort(newest);
    // Unread before read, then who waits longest; then who does not wait, newest first.
    return all.sort((one, other) => {
      const unread = Number((store.rooms.get(other)?.unread ?? 0) > 0) - Number((store.rooms.get(one)?.unread ?? 0) > 0);
      if (unread) return unread;
      const [waits, waitsOther] = [this.waiting(one), this.waiting(other)];
      if (Boolean(waits) !== Boolean(waitsOther)) return waits ? -1 : 1;
      return waits ? (waits < waitsOther ? -1 : 1) : newest(one, other);
    });
  }

  /** What is to be shown: what belongs here, and what is open, though its state has moved on. */
  wanted() {
    const opened = this.query.get("order");
    const all = this.sorted();
    // It stays where it stands.
    if (opened && this.rows.has(opened) && this.store.orders.has(opened) && !this.text && !all.includes(opened)) all.splice(Math.max(0, this.order.indexOf(opened)), 0, opened);
    return all;
  }

  /** Puts them in order. */
  arrange() {
    this.order = this.wanted();
    this.newer.hidden = true;
    this.more.hidden = !this.cursor;
    const isPart = this.cursor && this.status === "Review" && !this.text;
    fill(this.state, this.order.length ? isPart && h("p", { class: "quiet-text" }, t("queue.part", { count: number(this.ids.size) })) : h("p", { class: "empty" }, t(this.text ? "queue.none" : `queue.empty.${this.status}`)));
    for (const [id, row] of this.rows) {
      if (this.order.includes(id)) continue;
      this.watch.unobserve(row);
      this.rows.delete(id);
    }
    const active = document.activeElement;
    const scrolled = this.scroller.scrollTop;
    fill(this.list, this.order.map((id) => this.row(id)));
    this.scroller.scrollTop = scrolled;
    if (active instanceof HTMLElement && active.isConnected && active !== document.activeElement) active.focus({ preventScroll: true });
    this.redraw();
  }

  /** @param {string} id */
  row(id) {
    const known = this.rows.get(id);
    if (known) return known;
    const row = h("li", { "data-id": id }, h("a", {}));
    this.rows.set(id, row);
    this.watch.observe(row);
    return row;
  }

  /**
   * Something has happened to one.
   * @param {string} id
   */
  changed(id) {
    this.news.add(id);
    this.looking ??= setTimeout(() => { this.looking = undefined; this.take(); }, TOGETHER);
  }

  /** Shows what has happened. */
  take() {
    const news = [...this.news];
    this.news.clear();
    for (const id of news) {
      const order = this.store.orders.get(id);
      // A room that speaks, of an order that is not known, or not as it is now.
      if (!order || this.store.stale.has(id)) {
        if (order ? this.rows.has(id) : !this.text && this.store.rooms.get(id)?.unread) this.store.order(id).catch(() => {});
      } else if (!this.text && this.belongs(order)) {
        this.ids.add(id);
        this.meanwhile.add(id);
      }
      if (this.rows.has(id)) this.draw(id);
    }
    if (!this.isLoading) this.offer();
  }

  /** Shows what is new, or offers it where somebody works in the queue: nothing moves under the hand. */
  offer() {
    const now = this.wanted();
    if (now.length === this.order.length && now.every((each, index) => each === this.order[index])) return;
    const isUsed = this.element.matches(":hover") || this.element.contains(document.activeElement) || this.scroller.scrollTop > 8;
    if (!isUsed || !this.order.length) return this.arrange();
    // What has come, or has been written in, further up; that something read stands elsewhere now is no news.
    const isUnread = (/** @type {string} */ id) => (this.store.rooms.get(id)?.unread ?? 0) > 0;
    const before = new Map(this.order.filter(isUnread).map((id, index) => [id, index]));
    const risen = now.filter(isUnread).filter((id, index) => index < (before.get(id) ?? -1));
    const count = now.filter((id) => !this.rows.has(id)).length + risen.length;
    this.newer.hidden = count === 0;
    fill(this.newer, t(count === 1 ? "queue.newer.one" : "queue.newer", { count: number(count) }));
  }

  /** Somebody has asked to see what is new. */
  renew() {
    this.arrange();
    this.scroller.scrollTop = 0;
    /** @type {HTMLElement | null} */ (this.list.querySelector("a"))?.focus({ preventScroll: true });
  }

  redraw() { for (const id of this.order) this.draw(id); }

  /** @param {string} id */
  draw(id) {
    const { store } = this;
    const order = store.orders.get(id), room = store.rooms.get(id);
    const link = this.rows.get(id)?.firstElementChild;
    if (!order || !link) return;
    const last = room?.lastMessage;
    const waiting = this.waiting(id);
    const isMine = last?.sender.id === store.client.user?.id;
    link.setAttribute("href", `#${with_("/desk", this.query, { order: id })}`);
    link.className = `queue-row${room?.unread ? " unread" : ""}`;
    if (this.query.get("order") === id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    const isElsewhere = this.text || this.status === "all" || order.status !== this.status;
    const waits = store.outbox.of(id).some(({ isSent }) => !isSent);
    fill(
      link,
      h("span", { class: "order-head" }, h("strong", { class: "person-name", dir: "auto" }, order.owner.name), h("span", { class: "quiet-text" }, `#${order.number}`), h("time", { class: "quiet-text", datetime: last?.createdAt ?? order.createdAt }, when(last?.createdAt ?? order.createdAt, true))),
      h("span", { class: "order-text", dir: "auto" }, brief(order.description, 80)),
      h(
        "span", { class: "order-last" },
        h("span", { class: "preview-text quiet-text", dir: "auto" }, last ? `${isMine ? t("talk.you") : last.sender.name}: ${brief(last.content, 100)}` : room ? t("talk.none") : "\u00a0"),
        waits && h("span", { class: "tag bad" }, t("talk.waits")), isElsewhere && statusTag(order.status),
        waiting && Date.now() - Date.parse(waiting) > 3_600_000 && h("span", { class: "tag wait" }, t("queue.waiting", { time: when(waiting, true) })),
        room?.unread ? unreadBadge(room.unread) : null,
      ),
    );
  }
}
