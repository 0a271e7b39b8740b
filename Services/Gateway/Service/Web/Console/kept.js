// What this browser keeps for somebody: drafts, and messages that are on their way. It outlives the page and the session.

/** @typedef {{ clientMessageId: string, content: string, at: string, isFailed?: boolean, why?: string }} Pending */

/**
 * @param {string} kind
 * @param {string} user
 * @param {string} orderId
 */
const key = (kind, user, orderId) => `${kind}:${user}:${orderId}`;

/** @param {string} name */
function get(name) {
  try { return localStorage.getItem(name); } catch { return null; }
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
    // Nothing can be kept here, or there is no room: what is on the page is still there.
  }
}

/**
 * What is being written somewhere.
 * @param {string} kind `draft` of a message, `summary` of a closing
 * @param {string} user
 * @param {string} orderId
 */
export const draft = (kind, user, orderId) => ({
  name: key(kind, user, orderId),
  get: () => get(key(kind, user, orderId)) ?? "",
  put: (/** @type {string} */ text) => put(key(kind, user, orderId), text),
});

/**
 * Messages that have not been confirmed.
 * @param {string} user
 * @param {string} orderId
 */
export const outbox = (user, orderId) => ({
  name: key("outbox", user, orderId),
  /** @returns {Pending[]} */
  get() {
    try { return JSON.parse(get(key("outbox", user, orderId)) || "[]"); } catch { return []; }
  },
  put: (/** @type {Pending[]} */ all) => put(key("outbox", user, orderId), all.length ? JSON.stringify(all) : ""),
});
