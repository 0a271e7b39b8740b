// What is known of orders and rooms while the page is open, kept in step with the server.
import { Outbox } from "./outbox.js";
import { Problem } from "./orderline.js";

/** @typedef {import("./orderline.js").Order} Order */
/** @typedef {import("./orderline.js").RoomFacts} RoomFacts */
/** @typedef {import("./orderline.js").Message} Message */

/** How often is looked for what no event tells: messages in rooms that are not open here (milliseconds). */
const PACE = 5_000, PACE_HIDDEN = 15_000;
/** Which of these looks also ask what is unread, because it was read elsewhere. */
const UNREAD_EACH = 3;
/** Rooms that are asked for at once at most. */
const PAGE = 20, UNREAD_PAGE = 100, PAGES = 5;
/** Questions for one thing each that are under way at once at most. */
const AT_ONCE = 6;

/**
 * Dispatches, each as a `CustomEvent`: `order` and `room` with the id as `detail` when what is known of it has changed,
 * `placed` with the `Order` of somebody, `message` with the `RoomFacts` when somebody else has written, `unread` when its number has changed, and `again` when the connection is back and lists are to be read anew.
 */
export class Store extends EventTarget {
  /** @param {import("./orderline.js").Client} client */
  constructor(client) {
    super();
    this.client = client;
    /** @type {Map<string, Order>} */
    this.orders = new Map();
    /** @type {Map<string, RoomFacts>} */
    this.rooms = new Map();
    /** The ids of rooms with something unread, as far as they have been counted. */
    this.unread = new Set();
    /** Whether there are more than those. */
    this.isUnreadMore = false;
    /** @type {Map<string, Promise<any>>} */
    this.asked = new Map();
    /** @type {string} The time of the newest message that has been told of. */
    this.newest = "";
    this.looks = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.isLooking = false;
    this.stopping = new AbortController();
    /** What is being sent, whatever view is open. */
    this.outbox = new Outbox(client, this.stopping.signal);
    /** @type {Set<string>} Orders of which something may have been missed. */
    this.stale = new Set();
    /** Whose it is: with another user, or another role, there is to be another store. */
    this.owner = `${client.user?.id} ${client.user?.role}`;
  }

  /** Begins to keep itself in step. */
  start() {
    const { signal } = this.stopping;
    /**
     * @param {string} name
     * @param {(data: any) => void} then
     */
    const on = (name, then) => this.client.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail), { signal });
    on("orderCreated", (order) => { this.keepOrder(order); this.tell("placed", order); });
    on("orderUpdated", (order) => this.keepOrder(order));
    on("orderStatusChanged", (change) => this.statusChanged(change));
    let wasConnected = false;
    on("connection", () => {
      // What happened meanwhile is not told by the connection.
      if (this.client.isConnected && wasConnected) this.again();
      wasConnected ||= this.client.isConnected;
    });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") this.look(true); }, { signal });
    this.outbox.addEventListener("changed", (event) => this.tell("room", /** @type {CustomEvent} */ (event).detail), { signal });
    this.outbox.start();
    this.look(true);
  }

  /** Forgets everything: somebody has signed out. */
  stop() {
    this.stopping.abort();
    clearTimeout(this.timer);
  }

  /**
   * @param {string} name
   * @param {any} [detail]
   */
  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  async again() {
    for (const id of this.orders.keys()) this.stale.add(id);
    await this.look(true);
    this.tell("again");
  }

  // Orders

  /** @param {Order} order */
  keepOrder(order) {
    const known = this.orders.get(order.id);
    this.stale.delete(order.id);
    if (known && known.version > order.version) return known;
    this.orders.set(order.id, order);
    if (!known || known.version !== order.version || known.owner.name !== order.owner.name) this.tell("order", order.id);
    return order;
  }

  /** @param {{ orderId: string, to: import("./orderline.js").OrderStatus, version: number, at: string }} change */
  async statusChanged({ orderId, to, version, at }) {
    const known = this.orders.get(orderId);
    if (known && known.version >= version) return;
    if (known?.version === version - 1) {
      this.orders.set(orderId, { ...known, status: to, version, updatedAt: at, nextStatuses: to === "Processing" ? ["Completed"] : [] });
      this.tell("order", orderId);
    } else {
      // A change in between was missed.
      await this.order(orderId, true).catch(() => {});
    }
    this.room(orderId, true).catch(() => {});
  }

  /**
   * @param {string} id
   * @param {boolean} [isAnew] asks even when it is known
   * @returns {Promise<Order>}
   */
  async order(id, isAnew = false) {
    return (!isAnew && !this.stale.has(id) && this.orders.get(id)) || this.once(`o${id}`, async () => this.keepOrder(await this.client.order(id)));
  }

  /**
   * A page of orders, newest first.
   * @param {Record<string, unknown>} query
   * @returns {Promise<{ orders: Order[], next: string | null }>}
   */
  async page(query) {
    /** @type {{ items: Order[], nextCursor: string | null }} */
    const { items, nextCursor } = await this.client.call("GET", "/orders", { query });
    return { orders: items.map((order) => this.keepOrder(order)), next: nextCursor };
  }

  /**
   * Several orders, as far as they can be had, a few at a time.
   * @param {string[]} ids
   * @param {() => boolean} isWanted looked at before each
   */
  async some(ids, isWanted) {
    const waiting = [...ids];
    const take = async () => {
      for (let id = waiting.shift(); id && isWanted(); id = waiting.shift()) await this.order(id).catch(() => {});
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
  }

  // Rooms

  /** @param {RoomFacts} room */
  keepRoom(room) {
    const known = this.rooms.get(room.orderId);
    if (known && (known.lastSeq > room.lastSeq || (!known.isOpen && room.isOpen))) return known;
    this.rooms.set(room.orderId, room);
    this.count(room);
    const same = known && known.lastSeq === room.lastSeq && known.unread === room.unread && known.isOpen === room.isOpen;
    if (!room.isOpen && this.orders.get(room.orderId)?.status === "Review") this.stale.add(room.orderId);
    if (!same) this.tell("room", room.orderId);
    return room;
  }

  /** @param {RoomFacts} room */
  count({ orderId, unread }) {
    if (this.unread.has(orderId) === unread > 0) return;
    if (unread > 0) this.unread.add(orderId);
    else this.unread.delete(orderId);
    this.tell("unread");
  }

  /**
   * @param {string} id
   * @param {boolean} [isAnew]
   * @returns {Promise<RoomFacts>}
   */
  async room(id, isAnew = false) {
    return (!isAnew && this.rooms.get(id)) || this.once(`r${id}`, async () => this.keepRoom(await this.client.call("GET", `/chat/rooms/${id}`)));
  }

  /**
   * A message of a room that is open here.
   * @param {Message} message
   */
  said(message) {
    const room = this.rooms.get(message.orderId);
    if (!room || room.lastSeq >= message.seq) return;
    const isOthers = message.sender.id !== this.client.user?.id;
    const kept = this.keepRoom({ ...room, lastSeq: message.seq, lastMessage: message, unread: room.unread + (isOthers ? 1 : 0) });
    if (isOthers) this.tell("message", kept);
  }

  /**
   * Everything up to `seq` has been read here.
   * @param {string} orderId
   * @param {number} seq
   */
  read(orderId, seq) {
    const room = this.rooms.get(orderId);
    if (room && room.unread > 0 && seq >= room.lastSeq) this.keepRoom({ ...room, unread: 0 });
  }

  // Looking

  /** @param {boolean} [isWhole] */
  async look(isWhole = false) {
    clearTimeout(this.timer);
    if (this.isLooking || this.stopping.signal.aborted) return;
    this.isLooking = true;
    try {
      await this.latest();
      if (isWhole || this.looks++ % UNREAD_EACH === 0) await this.countUnread();
    } catch (error) {
      // Without a connection there is another time.
      if (!(error instanceof Problem) && !this.stopping.signal.aborted) throw error;
    } finally {
      this.isLooking = false;
      if (!this.stopping.signal.aborted) this.timer = setTimeout(() => this.look(), document.visibilityState === "hidden" ? PACE_HIDDEN : PACE);
    }
  }

  /** Rooms by latest activity, as far as there is something new. */
  async latest() {
    const { newest } = this;
    /** @type {string | null | undefined} */
    let cursor;
    for (let count = 0; count < PAGES; count++) {
      /** @type {{ items: RoomFacts[], nextCursor: string | null }} */
      const page = await this.client.call("GET", "/chat/rooms", { query: { limit: PAGE, cursor }, signal: this.stopping.signal });
      for (const room of page.items) {
        const known = this.rooms.get(room.orderId);
        const { lastMessage } = room;
        const isNew = lastMessage && newest && lastMessage.createdAt > newest && (known?.lastSeq ?? 0) < room.lastSeq;
        this.keepRoom(room);
        if (lastMessage && lastMessage.createdAt > this.newest) this.newest = lastMessage.createdAt;
        if (isNew && room.unread > 0 && lastMessage.sender.id !== this.client.user?.id) this.tell("message", room);
      }
      cursor = page.nextCursor;
      const last = page.items.at(-1)?.lastMessage?.createdAt ?? "";
      if (!cursor || !newest || last <= newest) break;
    }
    this.newest ||= new Date(0).toISOString();
  }

  async countUnread() {
    /** @type {{ items: RoomFacts[], nextCursor: string | null }} */
    const { items, nextCursor } = await this.client.call("GET", "/chat/rooms", { query: { unread: true, limit: UNREAD_PAGE }, signal: this.stopping.signal });
    const now = new Set(items.map(({ orderId }) => orderId));
    for (const room of items) this.keepRoom(room);
    this.isUnreadMore = nextCursor !== null;
    if (!this.isUnreadMore) {
      for (const id of [...this.unread]) {
        const room = this.rooms.get(id);
        if (room && !now.has(id)) this.keepRoom({ ...room, unread: 0 });
      }
    }
    this.tell("unread");
  }

  /**
   * The same question is asked once at a time.
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} ask
   * @returns {Promise<T>}
   */
  once(key, ask) {
    const asked = this.asked.get(key) ?? ask().finally(() => this.asked.delete(key));
    this.asked.set(key, asked);
    return asked;
  }
}
