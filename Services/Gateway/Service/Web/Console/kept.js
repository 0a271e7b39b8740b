// What this browser keeps for somebody: what is being written, and what is on its way. It outlives the page and the session.

/** @typedef {{ clientMessageId: string, content: string, at: string, isFailed?: boolean, isSent?: boolean, why?: string }} Pending */

/** Kinds of what is kept; behind each stand the user's id and the order's. */
const KINDS = ["draft", "summary", "order", "outbox"];

/**
 * @param {string} kind
 * @param {string} user
 * @param {string} id
 */
const key = (kind, user, id) => `${kind}:${user}:${id}`;

/** @param {string} name */
function get(name) {
  try { return localStorage.getItem(name) ?? ""; } catch { return ""; }
}

/**
 * @param {string} name
 * @param {string} value
 */
function put(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // Nothing can be kept here, or there is no room: it is on the page as long as that is there.
  }
}

/**
 * What is being written somewhere.
 * @param {string} kind `draft` of a message, `summary` of a closing, `order` for the form of an order
 * @param {string} user
 * @param {string} id the order's; `new` for one that is to be placed
 */
export const draft = (kind, user, id) => ({
  name: key(kind, user, id),
  get: () => get(key(kind, user, id)),
  put: (/** @type {string} */ text) => put(key(kind, user, id), text),
});

/**
 * Messages of somebody that have not been confirmed, by order.
 * @param {string} user
 */
export const outboxes = (user) => ({
  /** @returns {string[]} the orders that have some */
  orders() {
    const start = key("outbox", user, "");
    try { return Object.keys(localStorage).filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)); } catch { return []; }
  },
  /**
   * @param {string} orderId
   * @returns {Pending[]}
   */
  get(orderId) {
    try { return JSON.parse(get(key("outbox", user, orderId)) || "[]"); } catch { return []; }
  },
  put: (/** @type {string} */ orderId, /** @type {Pending[]} */ all) => put(key("outbox", user, orderId), all.length ? JSON.stringify(all) : ""),
  /**
   * The order that a change in another tab is about.
   * @param {string | null} name
   */
  orderOf: (name) => (name?.startsWith(key("outbox", user, "")) ? name.slice(key("outbox", user, "").length) : undefined),
});

/**
 * What signing out must not take along: how this browser is used, and what others who use it have written.
 * @param {string} user who signs out
 * @returns {() => void} puts it back
 */
export function keepOthers(user) {
  /** @param {string} name */
  const isOthers = (name) => KINDS.includes(name.split(":")[0]) && name.split(":")[1] !== user;
  const kept = Object.entries({ ...localStorage }).filter(([name]) => ["appearance", "language", "keys", "notify"].includes(name) || isOthers(name));
  return () => {
    for (const name of Object.keys({ ...localStorage })) if (KINDS.includes(name.split(":")[0])) put(name, "");
    for (const [name, value] of kept) put(name, value);
  };
}
