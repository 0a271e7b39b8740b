// The conversation about one order: what was said, by seq, and what is being said.
import { composer } from "./composer.js";
import { fill, h, refill } from "./dom.js";
import { History } from "./history.js";
import { draft } from "./kept.js";
import { Problem } from "./orderline.js";
import { linked } from "./text.js";
import { clock, date, day, problemText, t } from "./texts.js";

/** @typedef {import("./orderline.js").Message} Message */
/** @typedef {import("./orderline.js").Participant} Participant */
/** @typedef {import("./kept.js").Pending} Pending */

/** Messages are fetched by so many, each with the same bounds. */
const CHUNK = 100;
/** Messages of one person within so long stand together (milliseconds). */
const TOGETHER = 5 * 60_000;
/** How far back is looked for the first unread message. */
const UNREAD_LIMIT = 1_000;
/** How long a place must be looked at before its messages are fetched (milliseconds). */
const REST = 90;
/** After so long is asked again for what could not be had (milliseconds). */
const AGAIN = 5_000;

export class Conversation {
  /**
   * @param {import("./store.js").Store} store
   * @param {string} orderId
   */
  constructor(store, orderId) {
    this.store = store;
    this.client = store.client;
    this.orderId = orderId;
    this.me = /** @type {import("./orderline.js").User} */ (this.client.user);
    this.stopping = new AbortController();
    this.room = this.client.room(orderId, { limit: 50, signal: this.stopping.signal });
    /** @type {Map<number, Message>} */
    this.messages = new Map();
    /** @type {Map<number, Promise<void>>} Chunks that are being fetched, by their number. */
    this.fetching = new Map();
    this.lastSeq = 0;
    /**
     * How far each of the others has read.
     * @type {Map<string, number>}
     */
    this.marks = new Map();
    /** The first message that had not been read when this was opened. */
    this.firstUnread = 0;
    this.isOpened = false;
    this.hasArrived = false;
    /** Whether it is known what had not been read: before, nothing is marked as read. */
    this.isPlaced = false;
    this.marked = 0;
    /** @type {Map<string, Participant>} */
    this.typing = new Map();
    /** @type {Participant[]} */
    this.present = [];
    this.unseen = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.marking = undefined;

    this.history = new History({
      label: t("talk.label"),
      row: (seq) => this.row(seq),
      shown: (from, to) => this.rest(from, to),
      moved: () => this.moved(),
    });
    this.waiting = h("ol", { class: "messages" });
    this.history.tail.append(this.waiting);
    this.live = h("div", { class: "unseen-text", "aria-live": "polite" });
    this.people = h("p", { class: "people" });
    this.typists = h("p", { class: "typists" });
    this.newer = h("button", { type: "button", class: "newer", hidden: true, onclick: () => this.toEnd() });
    this.foot = h("div", { class: "foot" });
    this.note = h("div", { class: "note" }, h("p", { class: "quiet-text", role: "status" }, t("loading")));
    this.hadFocus = false;
    this.failures = 0;
    /** @type {ReturnType<typeof composer> | null} */
    this.composer = null;
    this.element = h("section", { class: "talk", "aria-label": t("talk.title") }, this.people, h("div", { class: "history-frame" }, this.history.element, this.note, this.newer), this.typists, this.foot, this.live);
    const { signal } = this.stopping;
    for (const [name, target] of /** @type {[string, EventTarget][]} */ ([["visibilitychange", document], ["focus", window], ["blur", window]])) {
      target.addEventListener(name, () => this.read(), { signal });
    }
    store.outbox.addEventListener("changed", (event) => { if (/** @type {CustomEvent} */ (event).detail === orderId) this.showPending(); }, { signal });
    for (const type of ["message", "closed", "read", "typing", "presence", "state"]) {
      this.room.addEventListener(type, (event) => this.heard(/** @type {CustomEvent} */ (event).detail), { signal });
    }
    this.room.join();
  }

  leave() {
    this.composer?.leave();
    this.stopping.abort();
    clearTimeout(this.resting);
    clearTimeout(this.marking);
    this.history.leave();
  }

  // What comes

  /** @param {import("./orderline.js").RoomEvent} event */
  heard(event) {
    switch (event.type) {
      case "message": return this.take(event.message);
      case "closed": return this.closed();
      case "read": return this.hasRead(event.data.userId, event.data.seq);
      case "typing": {
        const { user, isTyping } = event.data;
        if (isTyping) this.typing.set(user.id, user);
        else this.typing.delete(user.id);
        return this.showTyping();
      }
      case "presence":
        this.present = event.data.users;
        return this.showPresent();
      case "state":
        // Without a session the page is another one anyway.
        if (event.state === "ended") return void (event.error && event.error.code !== "unauthenticated" && this.failed(event.error));
        if (event.state === "offline" || event.state === "connecting") {
          this.typing.clear();
          this.showTyping();
        }
        if (event.state === "live" || event.state === "behind") this.joined();
    }
  }

  /** The first messages come right behind this. */
  joined() {
    // What was read while there was no connection is not told.
    this.room.reads().then(({ items }) => { for (const { userId, seq } of items) this.hasRead(userId, seq); }, () => {});
    if (this.isOpened) {
      // What failed meanwhile is asked for again.
      this.history.render();
      return this.read();
    }
    if (!this.room.facts) return;
    this.isOpened = true;
    const { facts } = this.room;
    this.store.keepRoom(facts);
    this.lastSeq = facts.lastSeq;
    if (facts.isOpen) this.write();
    else this.closed();
    queueMicrotask(() => this.open());
    this.findUnread(facts.unread);
  }

  open() {
    if (this.stopping.signal.aborted) return;
    fill(this.note, this.lastSeq || this.store.outbox.of(this.orderId).length ? null : h("p", { class: "quiet-text empty" }, t("talk.empty")));
    this.hasArrived = true;
    this.history.grow(this.lastSeq);
    this.showPending();
    this.moved();
  }

  /**
   * Marks the first unread message and goes there, unless somebody has gone elsewhere meanwhile.
   * @param {number} unread
   */
  async findUnread(unread) {
    await null;
    while (unread > 0 && !this.stopping.signal.aborted) {
      try {
        this.firstUnread = await this.unreadFrom(unread);
        break;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
    if (this.stopping.signal.aborted) return;
    if (this.firstUnread) {
      this.history.refresh(this.firstUnread, this.firstUnread);
      if (this.history.isAtEnd) this.history.to(this.firstUnread);
    }
    this.isPlaced = true;
    this.moved();
  }

  /**
   * Goes back over the messages of others until the unread ones are counted.
   * @param {number} unread
   */
  async unreadFrom(unread) {
    let count = 0;
    let first = 0;
    for (let seq = this.lastSeq; seq > 0 && seq > this.lastSeq - UNREAD_LIMIT; seq--) {
      if (!this.messages.has(seq)) await this.fetch(seq);
      const message = this.messages.get(seq);
      // It cannot be had: what is known is all there is.
      if (!message) break;
      if (message.sender.id !== this.me.id) {
        count++;
        first = seq;
      }
      if (count === unread) break;
    }
    return first;
  }

  /** @param {Message} message */
  take(message) {
    this.messages.set(message.seq, message);
    this.store.said(message);
    const isMine = message.sender.id === this.me.id;
    // Whoever answers has read what is above.
    if (!isMine) this.marks.set(message.sender.id, Math.max(this.marks.get(message.sender.id) ?? 0, message.seq));
    if (isMine && message.clientMessageId) this.store.outbox.remove(this.orderId, message.clientMessageId);
    if (message.seq <= this.lastSeq) return this.history.refresh(message.seq, message.seq + 1);
    this.lastSeq = message.seq;
    if (!this.hasArrived) return;
    fill(this.note);
    const isNear = this.history.isAtEnd && !this.isHidden;
    this.typing.delete(message.sender.id);
    this.showTyping();
    if (!isMine && this.isHidden && !this.firstUnread) this.firstUnread = message.seq;
    this.history.grow(message.seq);
    if (!isMine) {
      fill(this.live, `${message.sender.name}: ${message.content.slice(0, 300)}`);
      if (!isNear && !this.history.isAtEnd) this.unseen++;
      if (this.isMeant(message.sender.id)) this.showReadBelow(message.seq);
    }
    this.moved();
  }

  get isHidden() { return document.visibilityState === "hidden" || !document.hasFocus(); }

  closed() {
    const { facts } = this.room;
    this.hadFocus = this.foot.contains(document.activeElement);
    this.composer?.leave();
    this.composer = null;
    this.typing.clear();
    this.showTyping();
    this.client.call("GET", `/chat/rooms/${this.orderId}`).then((room) => {
      this.store.keepRoom(room);
      this.showClosed(room);
    }, () => facts && this.showClosed(facts));
  }

  /** @param {import("./orderline.js").RoomFacts} room */
  showClosed({ closedBy, closedAt }) {
    const notice = h("p", { class: "closed-line", tabindex: "-1" }, h("strong", {}, t("talk.closed")), " ", closedAt && t("talk.closed.by", { name: closedBy?.name ?? "", time: date(closedAt) }));
    const kept = draft("draft", this.me.id, this.orderId);
    const text = kept.get();
    // What was being written has no place any more, but is whoever wrote it's.
    const rest = text && h(
      "div", { class: "unsent" },
      h("p", { class: "quiet-text" }, t("talk.unsent")), h("div", { class: "content", dir: "auto" }, text),
      h("p", { class: "actions" }, h("button", { type: "button", class: "quiet small", onclick: () => { kept.put(""); rest.remove(); } }, t("talk.discard"))),
    );
    fill(this.foot, h("div", { class: "closed" }, notice, rest));
    if (this.hadFocus) notice.focus();
  }

  /** @param {Problem} error */
  failed(error) {
    const isRefused = error.code === "forbidden" || error.code === "not-found" || error.code === "invalid-id";
    fill(
      this.note,
      h("div", { class: "empty" }, h("p", {}, h("strong", {}, t(isRefused ? "talk.refused" : "failed"))), h("p", { class: "quiet-text" }, problemText(error))),
    );
    fill(this.foot);
  }

  // What is fetched

  /**
   * Fetches what is looked at, once it is looked at for a moment.
   * @param {number} from
   * @param {number} to
   */
  rest(from, to) {
    clearTimeout(this.resting);
    let isWhole = true;
    for (let seq = from; seq <= to && isWhole; seq++) isWhole = this.messages.has(seq);
    if (isWhole || !this.isOpened) return;
    this.resting = setTimeout(() => {
      for (let seq = from; seq <= to; seq++) if (!this.messages.has(seq)) this.fetch(seq).catch(() => {});
    }, REST);
  }

  /**
   * The messages around one that is not known.
   * @param {number} seq
   */
  fetch(seq) {
    const chunk = Math.floor((seq - 1) / CHUNK);
    const fetching = this.fetching.get(chunk) ?? this.fetchChunk(chunk).finally(() => this.fetching.delete(chunk));
    this.fetching.set(chunk, fetching);
    return fetching;
  }

  /** @param {number} chunk */
  async fetchChunk(chunk) {
    let after = chunk * CHUNK;
    const end = Math.min(after + CHUNK, this.lastSeq);
    while (after < end) {
      // A page may hold less, when its messages are long.
      const { items } = await this.room.messages({ after, before: end + 1, limit: CHUNK });
      if (this.stopping.signal.aborted || !items.length) return;
      const fresh = items.filter(({ seq }) => !this.messages.has(seq));
      for (const message of fresh) {
        this.messages.set(message.seq, message);
        if (message.sender.id !== this.me.id) this.marks.set(message.sender.id, Math.max(this.marks.get(message.sender.id) ?? 0, message.seq));
      }
      // The one behind them may be of the same sender.
      if (fresh.length) this.history.refresh(fresh[0].seq, /** @type {Message} */ (fresh.at(-1)).seq + 1);
      after = /** @type {Message} */ (items.at(-1)).seq;
    }
  }

  // What is shown

  /**
   * @param {number} seq
   * @returns {HTMLElement}
   */
  row(seq) {
    const message = this.messages.get(seq);
    if (!message) return h("li", { class: "message unknown", "data-seq": seq, "aria-busy": "true" }, h("span", { class: "unseen-text" }, t("loading")), h("span", { class: "bar" }));
    const before = this.messages.get(seq - 1);
    const isDay = seq === 1 || (before && day(before.createdAt) !== day(message.createdAt));
    const isTogether = before && !isDay && seq !== this.firstUnread && before.kind === message.kind && before.sender.id === message.sender.id && Date.parse(message.createdAt) - Date.parse(before.createdAt) < TOGETHER;
    const isMine = message.sender.id === this.me.id;
    return h(
      "li", { class: `message ${message.kind} ${isMine ? "mine" : "theirs"}${isTogether ? " together" : ""}`, "data-seq": seq },
      isDay && h("p", { class: "day" }, h("span", {}, day(message.createdAt))),
      seq === this.firstUnread && h("p", { class: "unread-line", id: `unread-${this.orderId}` }, h("span", {}, t("talk.unread"))),
      this.said(message, isMine),
    );
  }

  /**
   * @param {Message} message
   * @param {boolean} isMine
   */
  said({ kind, sender, content, createdAt, seq }, isMine) {
    const state = isMine && kind === "text" && this.state(seq);
    return h(
      "div", { class: "said" },
      h(
        "p", { class: "by" },
        h("span", { class: "name", dir: "auto" }, isMine ? t("talk.you") : sender.name), sender.role === "Admin" && !isMine && h("span", { class: "tag" }, t("role.Admin")),
        " ", h("time", { datetime: createdAt, title: date(createdAt) }, clock(createdAt)),
      ),
      kind === "summary" && h("p", { class: "summary-label" }, t("talk.summary")),
      h("div", { class: "content", dir: "auto" }, linked(content)),
      state && h("p", { class: `state ${state}` }, t(`talk.state.${state}`)),
    );
  }

  /**
   * @param {number} seq
   * @returns {"sent" | "read"}
   */
  state(seq) {
    for (const [user, mark] of this.marks) if (mark >= seq && this.isMeant(user)) return "read";
    return "sent";
  }

  /**
   * Whether one's messages are for them: those of an Admin are for the owner, not for other Admins.
   * @param {string} user
   */
  isMeant(user) { return this.me.role !== "Admin" || user === this.room.facts?.owner.id; }

  /**
   * Somebody has read up to `seq`.
   * @param {string} user
   * @param {number} seq
   */
  hasRead(user, seq) {
    // Read in another tab, or on another device.
    if (user === this.me.id) return this.store.read(this.orderId, seq);
    if ((this.marks.get(user) ?? 0) >= seq) return;
    this.marks.set(user, seq);
    if (this.isMeant(user)) this.showReadBelow(seq);
  }

  /** @param {number} seq */
  showReadBelow(seq) {
    for (const row of this.history.rows.values()) {
      const state = row.querySelector(".state.sent");
      if (!state || Number(row.dataset.seq) > seq) continue;
      state.className = "state read";
      fill(state, t("talk.state.read"));
    }
  }

  showPresent() {
    const others = this.present.filter(({ id }) => id !== this.me.id);
    fill(
      this.people,
      others.length
        ? [t("talk.present"), " ", ...others.slice(0, 8).map(({ name, role }) => h("span", { class: "person", dir: "auto" }, name, role === "Admin" && h("span", { class: "tag" }, t("role.Admin")))), others.length > 8 && t("talk.present.more", { count: others.length - 8 })]
        : t("talk.alone"),
    );
  }

  showTyping() {
    const typing = [...this.typing.values()];
    fill(this.typists, typing.length === 0 ? null : typing.length === 1 ? t("talk.typing", { name: typing[0].name }) : t("talk.typing.many", { names: typing.map(({ name }) => name).join(", ") }));
    // Two who answer at once say the same, or worse: not the same.
    this.typists.classList.toggle("warn", this.me.role === "Admin" && typing.some(({ role }) => role === "Admin"));
  }

  // What is read

  toEnd() {
    this.history.toEnd();
    this.history.element.focus({ preventScroll: true });
  }

  moved() {
    if (!this.hasArrived) return;
    if (this.history.isAtEnd) this.unseen = 0;
    this.newer.hidden = this.history.isAtEnd;
    fill(this.newer, this.unseen ? t(this.unseen === 1 ? "talk.newer.one" : "talk.newer", { count: this.unseen }) : t("talk.end"));
    this.newer.classList.toggle("primary", this.unseen > 0);
    this.read();
  }

  /** What was in sight, on a page that is looked at, is read. */
  read() {
    if (!this.isPlaced || this.isHidden || !this.history.element.clientHeight) return;
    const { scrollTop, clientHeight } = this.history.element;
    const seen = this.history.isAtEnd ? this.lastSeq : this.history.count ? this.history.at(scrollTop + clientHeight) - 1 : 0;
    if (seen <= this.marked || (this.room.facts?.unread === 0 && seen <= this.room.facts.lastSeq && this.marked === 0)) return;
    clearTimeout(this.marking);
    this.marking = setTimeout(async () => {
      if (this.isHidden || this.stopping.signal.aborted) return;
      try {
        await this.room.markRead(seen);
        this.marked = Math.max(this.marked, seen);
        this.store.read(this.orderId, seen);
      } catch (error) {
        // Another time.
        if (!(error instanceof Problem)) throw error;
      }
    }, 400);
  }

  // What is written

  write() {
    const kept = composer({
      user: this.me.id, orderId: this.orderId,
      send: (content) => this.send(content),
      typing: (isTyping) => this.room.typing(isTyping),
    });
    this.composer = kept;
    fill(this.foot, kept.element);
  }

  /** @param {string} content */
  send(content) {
    this.firstUnread = 0;
    fill(this.note);
    this.store.outbox.send(this.orderId, content);
    this.history.toEnd();
  }

  showPending() {
    if (!this.hasArrived) return;
    const items = this.store.outbox.of(this.orderId);
    const failed = items.filter(({ isFailed }) => isFailed);
    if (failed.length > this.failures) fill(this.live, t("talk.state.failed", { why: failed.at(-1)?.why ?? "" }));
    this.failures = failed.length;
    refill(this.waiting, items.map((item) => this.pendingRow(item)));
    if (this.history.isAtEnd) this.history.render();
  }

  /** @param {Pending} item */
  pendingRow({ clientMessageId, content, isFailed, isSent, why }) {
    const { outbox } = this.store;
    const discard = () => {
      outbox.remove(this.orderId, clientMessageId);
      this.composer?.focus();
    };
    const again = () => outbox.retry(this.orderId, clientMessageId);
    return h(
      "li", { class: `message text mine pending${isFailed ? " failed" : ""}` },
      h(
        "div", { class: "said" },
        h("div", { class: "content", dir: "auto" }, linked(content)),
        isFailed
          ? h("p", { class: "state failed" }, t("talk.state.failed", { why: why ?? "" }), " ", h("button", { type: "button", onclick: again }, t("talk.retry")), h("button", { type: "button", onclick: discard }, t("talk.discard")))
          : h("p", { class: `state ${isSent ? "sent" : "sending"}` }, t(isSent ? "talk.state.sent" : "talk.state.sending")),
      ),
    );
  }
}
