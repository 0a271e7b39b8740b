// A client of Orderline for browsers, and for Node 20 or later with `ws`. One module, nothing else needed.
//
//   import { Client } from "/client/orderline.js";
//   const client = new Client();
//   await client.logIn({ email, password });
//   const room = client.room(orderId);
//   for await (const event of room) if (event.type === "message") show(event.message);
//
// What each call answers is in /docs, what sockets say in /docs/events.

/** @typedef {{ id: string, name: string }} Person */
/** @typedef {{ id: string, name: string, role: "Admin" | "Regular" }} Participant */
/** @typedef {{ id: string, name: string, email: string | null, role: "Admin" | "Regular", disabled: boolean, createdAt: string }} User */
/** @typedef {"Review" | "Processing" | "Completed"} OrderStatus */
/** @typedef {{ description: string, specifications: string | object, quantity: number, metadata?: object | null }} OrderFields */
/** @typedef {OrderFields & { id: string, number: number, metadata: object | null, status: OrderStatus, nextStatuses?: OrderStatus[], version: number, owner: Person, createdAt: string, updatedAt: string }} Order */
/** @typedef {{ id: string, orderId: string, seq: number, kind: "text" | "summary", sender: Participant, content: string, clientMessageId: string | null, createdAt: string }} Message */
/** @typedef {{ orderId: string, owner: Person, isOpen: boolean, summary: string | null, closedAt: string | null, closedBy: Participant | null, lastSeq: number, unread: number, lastMessage: Message | null, createdAt: string }} RoomFacts */
/** @typedef {{ user: User, accessToken: string, tokenType: "Bearer", expiresIn: number, refreshToken?: string }} Session */
/** @typedef {"connecting" | "live" | "behind" | "offline" | "ended"} RoomState */
/** @typedef {{ type: "message", message: Message } | { type: "state", state: RoomState, error?: Problem } | { type: "closed" | "read" | "typing" | "presence" | "status", data: any }} RoomEvent */
/** @typedef {{ get(): Promise<string | null> | string | null, set(token: string | null): Promise<void> | void }} TokenStore */
/** @typedef {{ origin?: string, tokens?: TokenStore, WebSocket?: any, fetch?: typeof fetch }} ClientOptions */
/** @typedef {{ body?: unknown, query?: Record<string, unknown>, headers?: Record<string, string>, signal?: AbortSignal, isRepeatable?: boolean, isAnonymous?: boolean, isDocument?: boolean }} CallOptions `isDocument`: the answer is a `Blob` and may take its time */

/** The version of the interface that this client speaks. */
export const version = "1.0.0";

const PREFIX = "/api/v1";
/** Events that wait for a reader at most; one that reads more slowly is told so and ends. */
const READER_LIMIT = 10_000;
/** Messages of one room that wait to be sent at most; one more is refused. */
const OUTBOX_LIMIT = 1_000;
/** After so much silence (milliseconds) the connection is asked whether it lives, and after so much more it is dropped. */
const SILENCE = 30_000, PATIENCE = 10_000;
/** The server answers within its own deadline or says that it cannot; this is for one that says nothing (milliseconds). */
const ANSWER_LIMIT = 30_000;
/** What passes by itself: asking again later is right. */
const PASSING = new Set(["service-unavailable", "upstream-timeout", "rate-limited", "internal", "offline"]);
/** Reasons of `sessionEnded` behind which the refresh token is good still. */
const RENEWABLE = new Set(["expired", "role-changed"]);

/** Why something was refused (RFC 9457). Decide by `code`; `offline` means that nobody was reached. */
export class Problem extends Error {
  /** @param {{ code: string, status?: number, detail?: string, title?: string, requestId?: string, errors?: { field: string, code: string, message: string }[], retryAfter?: number, [name: string]: unknown }} problem */
  constructor(problem) {
    super(problem.detail ?? problem.code);
    this.name = "Problem";
    this.code = problem.code;
    this.status = problem.status ?? 0;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
    /** Seconds to wait. */
    this.retryAfter = problem.retryAfter;
    /** The whole of it. */
    this.problem = problem;
  }

  /** Whether it passes by itself. */
  get isPassing() { return PASSING.has(this.code); }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
const pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(done, milliseconds);
    function done() { signal?.removeEventListener("abort", stop); resolve(); }
    function stop() { clearTimeout(timer); reject(signal?.reason); }
    signal?.addEventListener("abort", stop, { once: true });
  });

/**
 * Milliseconds before attempt `count`, from 0 on: doubling, half of it by chance, so that not all come back at once.
 * @param {number} count
 */
const backOff = (count) => Math.min(30_000, 250 * 2 ** Math.min(count, 10)) * (0.5 + Math.random() / 2);

/** A version 4 UUID (RFC 9562), also on pages that were not loaded over HTTPS, which have no `crypto.randomUUID`. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** @returns {TokenStore} */
const keeper = () => {
  /** @type {string | null} */
  let kept = null;
  return { get: () => kept, set: (token) => { kept = token; } };
};

/**
 * An address whose parts stay parts, whatever they hold.
 * @param {TemplateStringsArray} texts
 * @param {...string} parts
 */
const path = (texts, ...parts) => String.raw({ raw: texts }, ...parts.map(encodeURIComponent));

/** @param {Record<string, unknown>} [query] */
const search = (query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
};

/** Somebody who uses Orderline: a session, its orders and its rooms. Dispatches `orderCreated`, `orderUpdated`, `orderStatusChanged` and `sessionEnded` (here also with the reason `replaced`: somebody else has signed in with the same cookies), each a `CustomEvent` with the data as `detail`, and `connection` when `isConnected` changes. */
export class Client extends EventTarget {
  /** @param {ClientOptions} options `tokens` keeps the refresh token where there are no cookies, in Node and on other sites; for as long as the client is there unless you give something better */
  constructor({ origin, tokens, WebSocket: Socket = globalThis.WebSocket, fetch: ask = globalThis.fetch } = {}) {
    super();
    this.origin = (origin ?? globalThis.location?.origin ?? "").replace(/\/$/, "");
    /** @type {User | null} */
    this.user = null;
    /**
     * @internal
     * @type {TokenStore | undefined}
     */
    this._tokens = tokens ?? (globalThis.location?.origin === this.origin ? undefined : keeper());
    /** @internal */
    this._fetch = ask.bind(globalThis);
    /**
     * @internal
     * @type {{ token: string, early: number } | null} `early`: when it is to be renewed, some time before it expires
     */
    this._access = null;
    /**
     * @internal
     * @type {Promise<void> | null}
     */
    this._renewing = null;
    /** @internal Changes with each session, so that what was asked for one is not taken for another. */
    this._sessions = 0;
    /** @internal */
    this._line = new Line(this, Socket);
    /** @internal What another tab was given is good here as well. */
    this._tabs = typeof BroadcastChannel === "function" && globalThis.document ? new BroadcastChannel("orderline") : null;
    if (this._tabs) this._tabs.onmessage = ({ data }) => this._adopt(data);
  }

  // Sessions

  /**
   * Makes an account and signs in.
   * @param {{ name: string, email: string, password: string }} fields
   */
  register(fields) { return this._begin("/auth/register", fields); }

  /** @param {{ email: string, password: string, code?: string }} fields */
  logIn(fields) { return this._begin("/auth/login", fields); }

  /**
   * Goes on with the session of the cookie, or of the kept token.
   * @returns {Promise<User | null>} `null` when there is none.
   */
  async resume() {
    try {
      await this._renew();
    } catch (error) {
      if (error instanceof Problem && !error.isPassing) return null;
      throw error;
    }
    return this.user;
  }

  /**
   * Ends the session, here at once, and its sockets everywhere. When nobody is reached it goes on there until it expires.
   * @param {{ signal?: AbortSignal }} options
   */
  async logOut({ signal } = {}) {
    const refreshToken = await this._tokens?.get();
    const token = this._access?.token;
    await this._end("logged-out");
    const options = { body: refreshToken ? { refreshToken } : undefined, isRepeatable: true, isAnonymous: true, signal };
    // The token may have expired, and the session may have been over before.
    /** @type {Record<string, string>[]} */
    const ways = token ? [{ Authorization: `Bearer ${token}` }, {}] : [{}];
    for (const headers of ways) {
      try {
        return await this.call("POST", "/auth/logout", { ...options, headers });
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
      }
    }
  }

  /** Closes the connection and ends every room's stream; the session stays. */
  close() {
    this._line.stop();
    this._tabs?.close();
  }

  /**
   * @internal
   * @param {string} path
   * @param {object} fields
   */
  async _begin(path, fields) {
    const tokenDelivery = this._tokens ? "body" : "cookie";
    const session = await this.call("POST", path, { body: { ...fields, tokenDelivery }, isAnonymous: true });
    this._sessions++;
    await this._adopt(session, true);
    return /** @type {User} */ (this.user);
  }

  /**
   * @internal
   * @param {Session} session
   * @param {boolean} [isOurs]
   */
  async _adopt(session, isOurs = false) {
    if (!isOurs) {
      if (!this.user) return;
      // The cookie is that of somebody else now.
      if (session.user.id !== this.user.id) return this._end("replaced");
    }
    const life = session.expiresIn * 1000;
    this._access = { token: session.accessToken, early: Date.now() + life - Math.min(60_000, life / 3) };
    this.user = session.user;
    if (session.refreshToken) await this._tokens?.set(session.refreshToken);
    if (isOurs) this._tabs?.postMessage(session);
    this._line.renewed();
  }

  /**
   * @internal
   * @param {string} reason
   */
  async _end(reason) {
    if (!this.user && !this._access) return;
    this._sessions++;
    this.user = this._access = null;
    await this._tokens?.set(null);
    this._line.stop(new Problem({ code: "unauthenticated", status: 401, detail: `The session is over: ${reason}.` }));
    this.dispatchEvent(new CustomEvent("sessionEnded", { detail: { reason } }));
  }

  /**
   * @internal A token that is good for some time; renewed by one of all tabs at a time.
   * @returns {Promise<string>}
   */
  async _token() {
    if (!this._access || Date.now() >= this._access.early) await this._renew();
    return /** @type {{ token: string }} */ (this._access).token;
  }

  /** @internal */
  _renew() {
    const before = this._access?.token;
    this._renewing ??= this._alone(async () => {
      if (this._access && this._access.token !== before && Date.now() < this._access.early) return;
      const refreshToken = await this._tokens?.get();
      if (this._tokens && !refreshToken) throw new Problem({ code: "unauthenticated", status: 401, detail: "Sign in first." });
      const number = this._sessions;
      try {
        const options = { body: refreshToken ? { refreshToken } : undefined, isAnonymous: true, isRepeatable: true };
        const session = await this.call("POST", "/auth/refresh", options);
        if (this.user && session.user.id !== this.user.id) await this._end("replaced");
        // Somebody has signed out, or in, meanwhile.
        if (number !== this._sessions) throw new Problem({ code: "unauthenticated", detail: "The session is over." });
        await this._adopt(session, true);
      } catch (error) {
        if (error instanceof Problem && error.status === 401 && number === this._sessions) await this._end("expired");
        throw error;
      }
    }).finally(() => { this._renewing = null; });
    return this._renewing;
  }

  /**
   * @internal
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  _alone(work) {
    const locks = globalThis.navigator?.locks;
    return locks ? locks.request("orderline:refresh", work) : work();
  }

  // Calls

  /**
   * Any call of the interface. Waits and asks again when that is safe and what came passes by itself.
   * @param {string} method
   * @param {string} path behind `/api/v1`
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  async call(method, path, options = {}) {
    const isSafe = options.isRepeatable ?? method === "GET";
    for (let count = 0, hasRenewed = false; ; count++) {
      try {
        return await this._once(method, path, options);
      } catch (error) {
        if (!(error instanceof Problem) || options.signal?.aborted) throw error;
        // Of a session that has ended the renewal says so, and ends it here.
        if ((error.code === "token-expired" || error.code === "unauthenticated") && !hasRenewed && !options.isAnonymous && this._access) {
          hasRenewed = true;
          if (this._access) this._access.early = 0;
          continue;
        }
        const isRefused = error.code === "rate-limited" || error.code === "idempotency-in-progress";
        if (count === 4 || !(isRefused || (isSafe && error.isPassing))) throw error;
        await pause(error.retryAfter ? error.retryAfter * 1000 : backOff(count), options.signal);
      }
    }
  }

  /**
   * @internal
   * @param {string} method
   * @param {string} path
   * @param {CallOptions} options
   */
  async _once(method, path, { body, query, headers = {}, signal, isAnonymous, isDocument }) {
    /** @type {Record<string, string>} */
    const fields = { Accept: "application/json", ...headers };
    if (!isAnonymous) fields.Authorization = `Bearer ${await this._token()}`;
    if (body !== undefined) fields["Content-Type"] = "application/json";
    /** @type {Response} */
    let response;
    let text;
    let document;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_LIMIT);
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    try {
      signal?.throwIfAborted();
      response = await this._fetch(this.origin + PREFIX + path + search(query), {
        method, headers: fields, body: body === undefined ? undefined : JSON.stringify(body),
        signal: stop.signal,
        credentials: this._tokens ? "omit" : "same-origin",
      });
      if (isDocument && response.ok) {
        clearTimeout(timer);
        document = await response.blob();
      } else {
        text = await response.text();
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new Problem({ code: "offline", detail: `Nobody was reached: ${error instanceof Error ? error.message : error}.` });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
    if (document) return document;
    let answer;
    try {
      answer = text ? JSON.parse(text) : null;
    } catch {
      // Not the interface's: what stands before a gateway may have a word of its own.
      throw new Problem({ code: response.status < 500 ? "not-of-the-interface" : "internal", status: response.status, detail: `HTTP ${response.status}` });
    }
    if (response.ok) return answer;
    const problem = answer ?? { code: response.status < 500 ? "not-of-the-interface" : "internal", detail: `HTTP ${response.status}` };
    throw new Problem({ status: response.status, ...problem, retryAfter: Number(response.headers.get("Retry-After")) || undefined });
  }

  /**
   * Every item of a list, page by page.
   * @param {string} path
   * @param {Record<string, unknown>} [filters]
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<any, void, undefined>}
   */
  async *list(path, filters = {}, signal) {
    /** @type {string | null | undefined} */
    let cursor;
    do {
      /** @type {{ items: any[], nextCursor: string | null }} */
      const page = await this.call("GET", path, { query: { limit: 100, ...filters, cursor }, signal });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  // Orders

  /**
   * @param {{ status?: OrderStatus, q?: string, from?: string, to?: string, ownerId?: string }} [filters]
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<Order, void, undefined>}
   */
  orders(filters, signal) { return this.list("/orders", filters, signal); }

  /**
   * @param {string} id
   * @returns {Promise<Order>}
   */
  order(id) { return this.call("GET", path`/orders/${id}`); }

  /**
   * Places an order, once, however often it has to be asked.
   * @param {OrderFields} fields
   * @param {{ key?: string, signal?: AbortSignal }} options
   * @returns {Promise<Order>}
   */
  placeOrder(fields, { key = uuid(), signal } = {}) {
    return this.call("POST", "/orders", { body: fields, headers: { "Idempotency-Key": key }, isRepeatable: true, signal });
  }

  /**
   * Changes the order as it was read: another's change in between is refused with `version-mismatch`.
   * @param {Order} order
   * @param {Partial<OrderFields>} changes
   * @returns {Promise<Order>}
   */
  updateOrder(order, changes) {
    return this.call("PATCH", path`/orders/${order.id}`, { body: changes, headers: { "If-Match": `"${order.version}"` } });
  }

  /**
   * For Admins.
   * @param {string} id
   * @returns {Promise<Order>}
   */
  completeOrder(id) { return this.call("PATCH", path`/orders/${id}/status`, { body: { status: "Completed" } }); }

  /**
   * @param {string} id
   * @param {AbortSignal} [signal]
   */
  orderHistory(id, signal) { return this.list(path`/orders/${id}/history`, {}, signal); }

  /**
   * For Admins.
   * @returns {Promise<{ Review: number, Processing: number, Completed: number, total: number }>}
   */
  orderStats() { return this.call("GET", "/orders/stats"); }

  // Rooms

  /**
   * @param {{ open?: boolean, unread?: boolean, q?: string }} [filters]
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<RoomFacts, void, undefined>}
   */
  rooms(filters, signal) { return this.list("/chat/rooms", filters, signal); }

  /**
   * The room of an order. It is joined when somebody reads or listens, or when something is to be sent; once left, or ended, ask for another.
   * @param {string} orderId
   * @param {{ after?: number, limit?: number, signal?: AbortSignal }} [options] `after`: the last `seq` that you have
   */
  room(orderId, options = {}) { return new Room(this, orderId, options); }

  /** Connects, so that `orderStatusChanged` and its like come without any room. */
  connect() { this._line.start(); }

  /** Whether there is a connection that has signed in. What happened outside of rooms while there was none is not told later. */
  get isConnected() { return this._line.isReady; }
}

/** The conversation of one order: an async iterable of `RoomEvent`s, and an `EventTarget` of the same, each a `CustomEvent` of the event's type with the event as `detail`. */
export class Room extends EventTarget {
  /**
   * @internal
   * @param {Client} client
   * @param {string} orderId
   * @param {{ after?: number, limit?: number, signal?: AbortSignal }} options
   */
  constructor(client, orderId, { after, limit, signal }) {
    super();
    this.orderId = orderId;
    /** @type {RoomState} */
    this.state = "connecting";
    /** @type {RoomFacts | null} */
    this.facts = null;
    /**
     * The last message that came; what is before it does not come again.
     * @type {number | undefined}
     */
    this.lastSeq = after;
    /** @internal */
    this._client = client;
    /** @internal */
    this._limit = limit;
    /**
     * @internal What is to be sent, in this order, one at a time: a later one must not overtake one that is refused for now.
     * @type {{ content: string, clientMessageId: string, resolve(message: Message): void, reject(error: unknown): void }[]}
     */
    this._outbox = [];
    /** @internal */
    this._isSending = false;
    /**
     * @internal
     * @type {Set<Reader>}
     */
    this._readers = new Set();
    /** @internal Up to where messages follow that were missed. */
    this._target = 0;
    /**
     * @internal That the room is closed, until it is told: behind the summary, and once.
     * @type {{ seq: number } | null}
     */
    this._closing = null;
    /** @internal */
    this._isClosingTold = false;
    signal?.addEventListener("abort", () => this.leave(), { once: true });
    if (signal?.aborted) this.leave();
  }

  /** Joins, if nothing has yet. */
  join() {
    if (this.state !== "ended") this._client._line.add(this);
    return this;
  }

  /**
   * Sends a message, once, behind those before it, now or when there is a connection again.
   * @param {string} content
   * @param {{ clientMessageId?: string, signal?: AbortSignal }} options
   * @returns {Promise<Message>} the message as it is stored
   */
  send(content, { clientMessageId = uuid(), signal } = {}) {
    return new Promise((resolve, reject) => {
      if (this.state === "ended") return reject(new Problem({ code: "room-left", detail: "The room has been left." }));
      if (this._outbox.length >= OUTBOX_LIMIT) return reject(new Problem({ code: "outbox-full", detail: "Too much waits to be sent." }));
      if (signal?.aborted) return reject(signal.reason);
      const item = { content, clientMessageId, resolve, reject };
      // What is on its way cannot be called back.
      signal?.addEventListener("abort", () => {
        const index = this._outbox.indexOf(item);
        if (index < (this._isSending ? 1 : 0)) return;
        this._outbox.splice(index, 1);
        reject(signal.reason);
      }, { once: true });
      this._outbox.push(item);
      this.join();
      this._flush();
    });
  }

  /**
   * Says that one has read up to here.
   * @param {number} [seq]
   */
  markRead(seq = this.lastSeq ?? 0) {
    return this._client.call("POST", path`/chat/rooms/${this.orderId}/read`, { body: { seq }, isRepeatable: true });
  }

  /**
   * How far each user has read, the farthest first; the room's `read` events go on from there.
   * @returns {Promise<{ items: { orderId: string, userId: string, seq: number }[] }>}
   */
  reads() { return this._client.call("GET", path`/chat/rooms/${this.orderId}/reads`); }

  /**
   * Tells others that one is typing, if there is a connection.
   * @param {boolean} isTyping
   */
  typing(isTyping) { this._client._line.ask("typing", { orderId: this.orderId, isTyping }).catch(() => {}); }

  /**
   * Closes the room for good; for Admins.
   * @param {string} summary
   * @param {{ key?: string }} options
   * @returns {Promise<RoomFacts>}
   */
  close(summary, { key = uuid() } = {}) {
    const options = { body: { summary }, headers: { "Idempotency-Key": key }, isRepeatable: true };
    return this._client.call("POST", path`/chat/rooms/${this.orderId}/close`, options);
  }

  /**
   * The newest messages, those below `before`, or the first ones above `after`; ascending.
   * @param {{ after?: number, before?: number, limit?: number }} [window]
   * @returns {Promise<{ items: Message[], hasMore: boolean }>}
   */
  messages(window = {}) { return this._client.call("GET", path`/chat/rooms/${this.orderId}/messages`, { query: window }); }

  /**
   * The whole conversation as a file.
   * @param {"text/plain" | "application/json" | "text/csv"} [type]
   * @returns {Promise<Blob>}
   */
  transcript(type = "text/plain") {
    return this._client.call("GET", path`/chat/rooms/${this.orderId}/transcript`, { headers: { Accept: type }, isDocument: true });
  }

  /**
   * Leaves the room, and ends its streams; what waits to be sent is refused.
   * @param {Problem} [error]
   */
  leave(error) {
    if (this.state === "ended") return;
    this._client._line.remove(this);
    this._move("ended", error);
    for (const item of this._outbox.splice(0)) item.reject(error ?? new Problem({ code: "room-left", detail: "The room has been left." }));
    for (const reader of this._readers) reader.end(error);
  }

  /**
   * What happens from now on; the first one that asks also joins the room, so ask before you send.
   * @returns {AsyncIterator<RoomEvent, void, void>}
   */
  [Symbol.asyncIterator]() {
    /** @type {Reader} */
    const reader = new Reader(() => this._readers.delete(reader));
    this._readers.add(reader);
    reader.put({ type: "state", state: this.state });
    if (this.state === "ended") reader.end();
    this.join();
    return reader;
  }

  /**
   * @internal
   * @param {RoomEvent} event
   */
  _tell(event) {
    for (const reader of this._readers) reader.put(event);
    this.dispatchEvent(new CustomEvent(event.type, { detail: event }));
  }

  /**
   * @internal
   * @param {RoomState} state
   * @param {Problem} [error]
   */
  _move(state, error) {
    if (state === this.state) return;
    this.state = state;
    this._tell(error ? { type: "state", state, error } : { type: "state", state });
  }

  /** @internal */
  async _joinNow() {
    this._move("connecting");
    const limit = this.lastSeq === undefined ? this._limit : 100;
    try {
      const joined = await this._client._line.ask("joinRoom", { orderId: this.orderId, after: this.lastSeq, limit });
      if (this.state === "ended") return;
      this.facts = joined.room;
      const isResumed = this.lastSeq !== undefined;
      this.lastSeq ??= (joined.messages[0]?.seq ?? joined.room.lastSeq + 1) - 1;
      this._target = isResumed && joined.hasMore ? joined.room.lastSeq : 0;
      this._move(this._target > 0 ? "behind" : "live");
      for (const message of joined.messages) this._take(message);
      const { isOpen, summary, closedBy, closedAt, lastSeq: seq } = joined.room;
      // The event may have come while there was no connection.
      if (!isOpen) this._close({ orderId: this.orderId, summary, closedBy, closedAt, seq });
      this._flush();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "unauthenticated" || error.code === "token-expired") this._client._line.again(error);
      else if (error.isPassing) this._joinLater(error);
      else this.leave(error);
    }
  }

  /**
   * @internal
   * @param {Message} message
   */
  _take(message) {
    if (this.state === "ended" || this.lastSeq === undefined || message.seq <= this.lastSeq) return;
    // The gateway promises that none is missing; should one be, it is asked for.
    if (message.seq > this.lastSeq + 1) return void this._joinNow();
    this.lastSeq = message.seq;
    this._tell({ type: "message", message });
    if (this.state === "behind" && this.lastSeq >= this._target) this._move("live");
    if (this._closing) this._close(this._closing);
  }

  /**
   * @internal
   * @param {any} data
   */
  _close(data) {
    if (this._isClosingTold || this.state === "ended") return;
    this._closing = data;
    if (this.lastSeq === undefined || this.lastSeq < data.seq) return;
    this._isClosingTold = true;
    this._closing = null;
    this._tell({ type: "closed", data });
  }

  /**
   * @internal A join that was refused for now; when the connection was lost, the next one joins.
   * @param {Problem} error
   */
  async _joinLater(error) {
    const socket = this._client._line.socket;
    await pause(error.retryAfter ? error.retryAfter * 1000 : backOff(2));
    if (socket && socket === this._client._line.socket && this.state === "connecting") this._joinNow();
  }

  /** @internal */
  async _flush() {
    if (this._isSending) return;
    this._isSending = true;
    while (this._outbox.length && (this.state === "live" || this.state === "behind")) {
      const [{ content, clientMessageId, resolve, reject }] = this._outbox;
      try {
        const message = await this._client._line.ask("sendMessage", { orderId: this.orderId, content, clientMessageId });
        this._outbox.shift();
        resolve(message);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // When nobody was reached it is sent behind the next join.
        if (error.code === "offline" || this._outbox.length === 0) break;
        if (error.isPassing) await pause(error.retryAfter ? error.retryAfter * 1000 : backOff(1));
        else if (error.code === "unauthenticated" || error.code === "token-expired") { this._client._line.again(error); break; }
        else { this._outbox.shift(); reject(error); }
      }
    }
    this._isSending = false;
  }
}

/** One `for await` over a room: what it has not read yet. */
class Reader {
  /** @param {() => void} left */
  constructor(left) {
    this.left = left;
    /** @type {RoomEvent[]} */
    this.waiting = [];
    /** @type {{ resolve(result: IteratorResult<RoomEvent, void>): void, reject(error: unknown): void }[]} */
    this.asking = [];
    this.isOver = false;
    /** @type {Problem | undefined} */
    this.error = undefined;
  }

  /** @param {RoomEvent} event */
  put(event) {
    if (this.isOver) return;
    const asking = this.asking.shift();
    if (asking) return asking.resolve({ done: false, value: event });
    this.waiting.push(event);
    if (this.waiting.length > READER_LIMIT) this.end(new Problem({ code: "too-slow", detail: "Events come faster than they are read: join again with `after`." }));
  }

  /** @param {Problem} [error] */
  end(error) {
    if (this.isOver) return;
    this.isOver = true;
    this.error = error;
    this.left();
    for (const asking of this.asking.splice(0)) this.finish(asking);
  }

  /**
   * @internal
   * @param {{ resolve(result: IteratorResult<RoomEvent, void>): void, reject(error: unknown): void }} asking
   */
  finish(asking) {
    const error = this.error;
    this.error = undefined;
    if (error) asking.reject(error);
    else asking.resolve({ done: true, value: undefined });
  }

  /** @returns {Promise<IteratorResult<RoomEvent, void>>} */
  next() {
    return new Promise((resolve, reject) => {
      const event = this.waiting.shift();
      if (event) resolve({ done: false, value: event });
      else if (this.isOver) this.finish({ resolve, reject });
      else this.asking.push({ resolve, reject });
    });
  }

  /** @returns {Promise<IteratorResult<RoomEvent, void>>} */
  async return() {
    this.waiting = [];
    this.end();
    return { done: true, value: undefined };
  }
}

/** The one socket of a client: opened while it is wanted, opened again when it is lost. */
class Line {
  /**
   * @param {Client} client
   * @param {any} Socket
   */
  constructor(client, Socket) {
    this.client = client;
    this.Socket = Socket;
    /** @type {Map<string, Set<Room>>} */
    this.rooms = new Map();
    /** @type {any} */
    this.socket = null;
    /** Whether it has signed in; changed by `turn` alone. */
    this.isReady = false;
    this.isWanted = false;
    this.failures = 0;
    this.number = 0;
    /** @type {Map<number, { event: string, resolve(data: any): void, reject(error: unknown): void, timer: any }>} */
    this.asked = new Map();
    /** @type {any} */
    this.retry = null;
    /** @type {any} */
    this.watch = null;
    /** @type {any} */
    this.soon = null;
    this.wake = () => { if (this.retry !== null) { this.failures = 0; this.open(); } };
    this.lost = () => this.drop(this.socket, new Problem({ code: "offline", detail: "The device is offline." }));
    this.shown = () => { if (globalThis.document?.visibilityState === "visible") { this.wake(); this.probe(); } };
  }

  /** @param {Room} room */
  add(room) {
    const rooms = this.rooms.get(room.orderId) ?? new Set();
    if (rooms.has(room)) return;
    this.rooms.set(room.orderId, rooms.add(room));
    this.start();
    if (this.isReady) room._joinNow();
  }

  /** @param {Room} room */
  remove(room) {
    const rooms = this.rooms.get(room.orderId);
    if (!rooms?.delete(room) || rooms.size) return;
    this.rooms.delete(room.orderId);
    if (this.isReady) this.ask("leaveRoom", { orderId: room.orderId }).catch(() => {});
  }

  start() {
    if (this.isWanted) return;
    this.isWanted = true;
    globalThis.addEventListener?.("online", this.wake);
    globalThis.addEventListener?.("offline", this.lost);
    globalThis.document?.addEventListener("visibilitychange", this.shown);
    this.open();
  }

  /** @param {Problem} [error] */
  stop(error) {
    this.isWanted = false;
    globalThis.removeEventListener?.("online", this.wake);
    globalThis.removeEventListener?.("offline", this.lost);
    globalThis.document?.removeEventListener("visibilitychange", this.shown);
    clearTimeout(this.retry);
    clearTimeout(this.soon);
    this.retry = null;
    for (const rooms of [...this.rooms.values()]) for (const room of [...rooms]) room.leave(error);
    const socket = this.socket;
    this.forget(new Problem({ code: "offline", detail: "The client was closed." }));
    socket?.close?.();
  }

  async open() {
    clearTimeout(this.retry);
    this.retry = null;
    if (this.socket || !this.isWanted) return;
    /** @type {any} */
    let socket;
    try {
      // Taken before the token comes, so that nobody opens another meanwhile.
      this.socket = socket = {};
      const token = await this.client._token();
      if (this.socket !== socket || !this.isWanted) return;
      this.socket = socket = new this.Socket(this.client.origin.replace(/^http/, "ws") + "/ws");
      this.watch = setTimeout(() => this.drop(socket), PATIENCE);
      socket.onmessage = (/** @type {{ data: string }} */ { data }) => this.socket === socket && this.received(JSON.parse(data));
      socket.onerror = () => {};
      socket.onclose = (/** @type {{ code: number }} */ { code }) => this.drop(socket, undefined, code);
      await new Promise((resolve) => { socket.onopen = resolve; });
      await this.ask("authenticate", { token });
      if (this.socket !== socket) return;
      this.turn(true);
      this.heard();
      this.schedule();
      for (const rooms of this.rooms.values()) for (const room of rooms) room._joinNow();
    } catch (error) {
      this.doubt(error);
      // Without a session there is nothing to come back to; `_end` has told the rooms.
      if (error instanceof Problem && !error.isPassing && !this.client._access) {
        if (this.socket === socket) this.socket = null;
        return this.stop(error);
      }
      this.drop(socket, error instanceof Problem ? error : undefined);
    }
  }

  /** @param {boolean} isReady */
  turn(isReady) {
    if (isReady === this.isReady) return;
    this.isReady = isReady;
    this.client.dispatchEvent(new CustomEvent("connection"));
  }

  /**
   * What has been asked of the socket that is gone is not answered any more.
   * @param {Problem} error
   */
  forget(error) {
    const asked = [...this.asked.values()];
    this.asked.clear();
    this.socket = null;
    this.turn(false);
    clearTimeout(this.watch);
    for (const each of asked) {
      clearTimeout(each.timer);
      each.reject(error);
    }
  }

  /**
   * The socket is gone, or to go: another one is opened by and by.
   * @param {any} socket
   * @param {Problem} [error]
   * @param {number} [code]
   */
  drop(socket, error, code) {
    if (!socket || this.socket !== socket) return;
    this.forget(error ?? new Problem({ code: "offline", detail: "The connection was lost." }));
    try { socket.close?.(); } catch { /* It was not open yet. */ }
    if (!this.isWanted) return;
    for (const rooms of this.rooms.values()) for (const room of rooms) room._move("offline");
    if (code === 4401 && this.client._access) this.client._access.early = 0;
    if (globalThis.navigator?.onLine === false) { this.retry = setTimeout(() => this.open(), 30_000); return; }
    // A gateway that restarts has said so: the next one is there.
    const wait = code === 1012 && this.failures === 0 ? Math.random() * 500 : backOff(this.failures);
    this.failures++;
    // In the background nobody looks: there is time.
    const patience = globalThis.document?.visibilityState === "hidden" ? 4 : 1;
    this.retry = setTimeout(() => this.open(), (error?.retryAfter ?? 0) * 1000 + wait * patience);
  }

  /**
   * A token that was refused is not tried again: either there is another, or the session is over.
   * @param {unknown} error
   */
  doubt(error) {
    if (error instanceof Problem && error.status === 401 && this.client._access) this.client._access.early = 0;
  }

  /**
   * Something says that this connection will not do.
   * @param {Problem} error
   */
  again(error) {
    this.doubt(error);
    this.drop(this.socket, error);
  }

  /** Another token: the socket is to live as long as it. */
  renewed() {
    const token = this.client._access?.token;
    if (this.isReady && token) this.ask("authenticate", { token }).catch(() => {});
    this.schedule();
  }

  /**
   * Has the token renewed in time; whoever renews it tells the socket.
   * @param {number} [least] milliseconds
   */
  schedule(least = 1000) {
    clearTimeout(this.soon);
    const access = this.client._access;
    if (!this.isWanted || !access) return;
    const wait = Math.max(least, access.early - Date.now());
    this.soon = setTimeout(() => this.client._renew().catch(() => this.schedule(PATIENCE)), wait);
  }

  /**
   * @param {string} event
   * @param {object} data
   * @returns {Promise<any>}
   */
  ask(event, data) {
    return new Promise((resolve, reject) => {
      const socket = this.socket;
      // One that is closing may take its time to say that it is closed.
      if (socket?.readyState > 1) this.drop(socket);
      if (socket?.readyState !== 1) return reject(new Problem({ code: "offline", detail: "There is no connection." }));
      const id = ++this.number;
      const timer = setTimeout(() => this.drop(socket), PATIENCE);
      this.asked.set(id, { event, resolve, reject, timer });
      socket.send(JSON.stringify({ id, event, data }));
    });
  }

  /** Something has come: the connection lives. */
  heard() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.probe(), SILENCE);
  }

  /** Asks for an answer that costs nothing: that of leaving a room in which nobody is. */
  probe() {
    if (this.isReady) this.ask("leaveRoom", { orderId: "00000000-0000-0000-0000-000000000000" }).catch(() => {});
  }

  /** @param {{ ack?: number, event?: string, data?: any, error?: any }} frame */
  received({ ack, event, data, error }) {
    this.heard();
    if (ack !== undefined) {
      const asked = this.asked.get(ack);
      if (!asked) return;
      this.asked.delete(ack);
      clearTimeout(asked.timer);
      if (error) asked.reject(new Problem(error));
      else {
        // A connection that comes no further than to sign in is no better than none.
        if (asked.event !== "authenticate") this.failures = 0;
        asked.resolve(data);
      }
      return;
    }
    const rooms = [...(this.rooms.get(data?.orderId) ?? [])];
    switch (event) {
      case "newMessage": for (const room of rooms) room._take(data); break;
      case "roomClosed": for (const room of rooms) room._close(data); break;
      case "messagesRead": for (const room of rooms) room._tell({ type: "read", data }); break;
      case "typing": case "presence": for (const room of rooms) room._tell({ type: event, data }); break;
      case "error": for (const room of rooms) room.leave(new Problem(data)); break;
      case "orderStatusChanged":
        for (const room of rooms) room._tell({ type: "status", data });
        this.client.dispatchEvent(new CustomEvent(event, { detail: data }));
        break;
      case "orderCreated": case "orderUpdated": this.client.dispatchEvent(new CustomEvent(event, { detail: data })); break;
      case "sessionEnded":
        if (!RENEWABLE.has(data.reason)) this.client._end(data.reason);
        break;
    }
  }
}
