// Messages on their way: sent in the order in which they were written, each once, whatever view is open.
import { outboxes } from "./kept.js";
import { Problem, uuid } from "./orderline.js";
import { problemText } from "./texts.js";

/** @typedef {import("./kept.js").Pending} Pending */

/** When nobody was reached it is tried again after this, or as soon as there is a connection (milliseconds). */
const PAUSE = 5_000;
/** So long a confirmed message is shown at most, until the room has told it (milliseconds). */
const SHOWN = 60_000;
/** So often is tried what the server fails at, which may be the message's fault. */
const TRIES = 5;

/** Dispatches `changed` with the order's id as `detail`. */
export class Outbox extends EventTarget {
  /**
   * @param {import("./orderline.js").Client} client
   * @param {AbortSignal} signal ends it
   */
  constructor(client, signal) {
    super();
    this.client = client;
    this.signal = signal;
    this.kept = outboxes(client.user?.id ?? "");
    /** @type {Map<string, Pending[]>} */
    this.all = new Map(this.kept.orders().map((id) => [id, this.kept.get(id)]));
    /** @type {Set<string>} Orders of which something is being sent. */
    this.busy = new Set();
    // Another tab sends as well; the same message is stored once.
    addEventListener("storage", ({ key }) => {
      const id = this.kept.orderOf(key);
      if (id === undefined) return;
      this.set(id, this.kept.get(id), false);
      this.deliver(id);
    }, { signal });
  }

  start() { for (const id of this.all.keys()) this.deliver(id); }

  /**
   * @param {string} orderId
   * @returns {Pending[]}
   */
  of(orderId) { return this.all.get(orderId) ?? []; }

  /** Whether something has not been sent, of any order. */
  get isWaiting() { return [...this.all.values()].some((items) => items.some(({ isSent }) => !isSent)); }

  /**
   * @param {string} orderId
   * @param {Pending[]} items
   * @param {boolean} [isOurs] whether it is to be kept
   */
  set(orderId, items, isOurs = true) {
    if (items.length) this.all.set(orderId, items);
    else this.all.delete(orderId);
    if (isOurs) this.kept.put(orderId, items.filter(({ isSent }) => !isSent));
    this.dispatchEvent(new CustomEvent("changed", { detail: orderId }));
  }

  /**
   * @param {string} orderId
   * @param {string} content
   */
  send(orderId, content) {
    this.set(orderId, [...this.of(orderId), { clientMessageId: uuid(), content, at: new Date().toISOString() }]);
    this.deliver(orderId);
  }

  /**
   * @param {string} orderId
   * @param {string} id
   * @param {Partial<Pending>} facts
   */
  mark(orderId, id, facts) { this.set(orderId, this.of(orderId).map((item) => (item.clientMessageId === id ? { ...item, ...facts } : item))); }

  /**
   * Tries again what was refused.
   * @param {string} orderId
   * @param {string} id
   */
  retry(orderId, id) {
    this.mark(orderId, id, { isFailed: false, why: undefined });
    this.deliver(orderId);
  }

  /**
   * It is in the room, or not wanted any more.
   * @param {string} orderId
   * @param {string} id
   */
  remove(orderId, id) {
    const items = this.of(orderId);
    const rest = items.filter((item) => item.clientMessageId !== id);
    if (rest.length !== items.length) this.set(orderId, rest);
  }

  /** @param {string} orderId */
  async deliver(orderId) {
    if (this.busy.has(orderId)) return;
    this.busy.add(orderId);
    for (let failures = 0; ; ) {
      const item = this.of(orderId).find(({ isFailed, isSent }) => !isFailed && !isSent);
      if (!item || this.signal.aborted) break;
      const { clientMessageId, content } = item;
      try {
        await this.client.call("POST", `/chat/rooms/${encodeURIComponent(orderId)}/messages`, { body: { content, clientMessageId }, isRepeatable: true });
        if (this.signal.aborted) break;
        this.mark(orderId, clientMessageId, { isSent: true });
        failures = 0;
        setTimeout(() => { if (!this.signal.aborted) this.remove(orderId, clientMessageId); }, SHOWN);
      } catch (error) {
        if (this.signal.aborted) break;
        if (!(error instanceof Problem)) {
          this.busy.delete(orderId);
          throw error;
        }
        if (error.code === "unauthenticated") break;
        if (error.code === "internal") failures++;
        if (error.isPassing && failures < TRIES) {
          await this.pause();
        } else {
          failures = 0;
          this.mark(orderId, clientMessageId, { isFailed: true, why: problemText(error) });
        }
      }
    }
    this.busy.delete(orderId);
  }

  /** @returns {Promise<void>} */
  pause() {
    return new Promise((resolve) => {
      const stop = new AbortController();
      const done = () => { stop.abort(); clearTimeout(timer); resolve(); };
      const timer = setTimeout(done, PAUSE);
      this.client.addEventListener("connection", () => { if (this.client.isConnected) done(); }, { signal: stop.signal });
      this.signal.addEventListener("abort", done, { signal: stop.signal });
    });
  }
}
