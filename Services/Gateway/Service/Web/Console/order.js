// One order: what it is, what has happened to it, and what can be done with it.
import { Conversation } from "./conversation.js";
import { close } from "./closing.js";
import { confirm, once } from "./dialog.js";
import { titled } from "./alerts.js";
import { fill, fresh, h, refill } from "./dom.js";
import { Problem } from "./orderline.js";
import { heading, idIn } from "./router.js";
import { linked } from "./text.js";
import { date, number, problemText, t, tOr } from "./texts.js";

/** @typedef {import("./orderline.js").Order} Order */
/** @typedef {{ at: string, type: string, actor: import("./orderline.js").Participant, from?: string, to?: string, changes?: Record<string, { from: unknown, to: unknown }> }} Happening */

/** @param {string} status */
export const statusTag = (status) => h("span", { class: `tag status ${status}` }, tOr("status", status, { detail: status }));

/**
 * A value of an order as it can be read: text, or a table of names and values.
 * @param {unknown} value
 * @returns {Node}
 */
export function shown(value) {
  if (typeof value === "string") return h("div", { class: "content", dir: "auto" }, linked(value));
  if (typeof value === "number") return document.createTextNode(number(value));
  if (value === null || value === undefined) return h("span", { class: "quiet-text" }, t("order.none"));
  if (typeof value !== "object") return document.createTextNode(String(value));
  const entries = Object.entries(value);
  if (!entries.length) return h("span", { class: "quiet-text" }, t("order.none"));
  return h("dl", { class: "values" }, entries.map(([name, each]) => h("div", {}, h("dt", { dir: "auto" }, name), h("dd", {}, shown(each)))));
}

/** Of what has happened so much is shown at once, and so many pages are read at most, one after the other with a pause (milliseconds). */
const SHOWN = 30, PAGES = 20, PACE = 2_000;

/**
 * The facts, the timeline and the actions of an order, kept in step.
 * @param {import("./store.js").Store} store
 * @param {string} orderId
 */
export function orderPanel(store, orderId) {
  const { client } = store;
  const stopping = new AbortController();
  const facts = h("div", { class: "facts" }, h("p", { class: "quiet-text" }, t("loading")));
  const timeline = h("ol", { class: "timeline" });
  const notice = h("p", { class: "fault", role: "alert" });
  const element = h("div", { class: "panel-content" }, facts, notice, section(t("order.timeline"), timeline));
  let told = 0, shownOf = "";

  async function show() {
    try {
      const [order, room] = await Promise.all([store.order(orderId), store.room(orderId)]);
      if (stopping.signal.aborted) return;
      // What is not different stays as it is: somebody may stand in it, or have selected some of it.
      const now = `${order.version} ${order.owner.name} ${room.isOpen}`;
      if (now !== shownOf) refill(facts, ...factsOf(store, order, room, notice));
      shownOf = now;
      if (told < order.version) await tell(order.version);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      shownOf = "";
      fill(facts, h("p", { role: "alert" }, problemText(error)), error.isPassing && h("p", {}, h("button", { type: "button", onclick: show }, t("again"))));
    }
  }

  /** @type {Happening[]} */
  let known = [];
  /** @type {{ cursor: string | null, before: number }} Where the last page began that was read, and how many were known before it. */
  let page = { cursor: null, before: 0 };
  let isTelling = false, shownCount = SHOWN;

  /**
   * Reads what has happened since, once at a time.
   * @param {number} version up to where
   */
  async function tell(version) {
    if (isTelling) return;
    isTelling = true;
    try {
      known = known.slice(0, page.before);
      for (let count = 0; count < PAGES; count++) {
        /** @type {{ items: Happening[], nextCursor: string | null }} */
        const { items, nextCursor } = await client.call("GET", `/orders/${orderId}/history`, { query: { limit: 100, cursor: page.cursor }, signal: stopping.signal });
        page.before = known.length;
        known.push(...items);
        if (!nextCursor) break;
        page = { cursor: nextCursor, before: known.length };
      }
      told = version;
      showTimeline();
    } finally {
      // One who changes an order again and again is not followed at once each time.
      const isTold = told === version;
      setTimeout(() => {
        isTelling = false;
        if (isTold && !stopping.signal.aborted && (store.orders.get(orderId)?.version ?? 0) > told) show();
      }, PACE);
    }
  }

  function showTimeline() {
    const more = known.length > shownCount && h("li", {}, h("button", { type: "button", class: "quiet small", onclick: () => { shownCount += SHOWN; showTimeline(); } }, t("list.more")));
    refill(timeline, known.slice(-shownCount).reverse().map(happening), more);
  }

  /** @param {Event} event */
  const changed = (event) => { if (/** @type {CustomEvent} */ (event).detail === orderId) show(); };
  store.addEventListener("order", changed, { signal: stopping.signal });
  store.addEventListener("room", changed, { signal: stopping.signal });
  store.addEventListener("again", show, { signal: stopping.signal });
  show();
  // What is known may be old: not every change is told.
  store.order(orderId, true).catch(() => {});
  return { element, leave: () => stopping.abort() };
}

/**
 * @param {string} title
 * @param {...Node} content
 */
function section(title, ...content) {
  const id = fresh();
  return h("section", { class: "part", "aria-labelledby": id }, h("h2", { id }, title), content);
}

/**
 * @param {import("./store.js").Store} store
 * @param {Order} order
 * @param {import("./orderline.js").RoomFacts} room
 * @param {HTMLElement} notice
 */
function factsOf(store, order, room, notice) {
  const { client } = store;
  const isAdmin = client.user?.role === "Admin";
  const isMine = client.user?.id === order.owner.id;
  return [
    h("p", { class: "status-line" }, statusTag(order.status), h("span", { class: "quiet-text" }, t(`status.${order.status}.means`))),
    h(
      "p", { class: "actions" },
      isAdmin && room.isOpen && h("button", { type: "button", class: "primary", "data-key": "e", onclick: () => close(store, order) }, t("close.open")),
      isAdmin && order.status === "Processing" && h("button", { type: "button", class: "primary", onclick: () => complete(store, order) }, t("complete.open")),
      isMine && order.status === "Review" && h("a", { class: "button", href: `#/orders/edit?id=${order.id}` }, t("edit.open")),
    ),
    !room.isOpen && section(t("talk.summary"), h("div", { class: "content summary-box", dir: "auto" }, linked(room.summary ?? "")), h("p", { class: "quiet-text" }, t("talk.closed.by", { name: room.closedBy?.name ?? "", time: date(room.closedAt ?? order.updatedAt) }))),
    section(
      t("order.facts"),
      h(
        "dl", { class: "values" },
        fact(t("order.number"), `#${order.number}`),
        isAdmin && fact(t("order.owner"), h("span", { dir: "auto" }, order.owner.name)),
        fact(t("order.placed"), h("time", { datetime: order.createdAt }, date(order.createdAt))),
        order.updatedAt !== order.createdAt && fact(t("order.changed"), h("time", { datetime: order.updatedAt }, date(order.updatedAt))),
        fact(t("field.quantity"), number(order.quantity)),
        fact(t("field.description"), shown(order.description)),
        fact(t("field.specifications"), shown(order.specifications)),
        order.metadata && fact(t("field.metadata"), shown(order.metadata)),
      ),
    ),
    section(t("transcript.title"), transcripts(client, order, notice)),
  ];
}

/**
 * @param {string} name
 * @param {Node | string} value
 */
const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

/**
 * @param {import("./store.js").Store} store
 * @param {Order} order
 */
const complete = (store, order) =>
  confirm({
    title: t("complete.title", { number: order.number }), text: t("complete.text"), action: t("complete.submit"),
    async act() {
      try {
        store.keepOrder(await store.client.completeOrder(order.id));
      } catch (error) {
        // Somebody else was faster: what is wanted is there.
        if (!(error instanceof Problem) || error.code !== "invalid-status-transition") throw error;
        await store.order(order.id, true);
      }
    },
  });

/** @type {[string, "text/plain" | "text/csv" | "application/json", string][]} */
const FORMS = [["transcript.text", "text/plain", "txt"], ["transcript.table", "text/csv", "csv"], ["transcript.json", "application/json", "json"]];

/**
 * @param {import("./orderline.js").Client} client
 * @param {Order} order
 * @param {HTMLElement} notice
 */
const transcripts = (client, order, notice) =>
  h(
    "p", { class: "actions" },
    FORMS.map(([label, type, ending]) => {
      const button = h("button", { type: "button", class: "quiet", onclick: () => once(button, notice, async () => save(await client.room(order.id).transcript(type), `order-${order.number}-transcript.${ending}`)) }, t(label));
      return button;
    }),
  );

/**
 * @param {Blob} file
 * @param {string} name
 */
function save(file, name) {
  const link = h("a", { href: URL.createObjectURL(file), download: name });
  link.click();
  // The browser takes it over; not at once everywhere.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {Happening} happening */
function happening({ at, type, actor, from, to, changes }) {
  const names = Object.keys(changes ?? {}).map((name) => tOr("field", name, { detail: name }));
  const text = tOr("timeline", type, { name: actor.name, fields: names.join(", "), from: from && tOr("status", from, { detail: from }), to: to && tOr("status", to, { detail: to }) });
  return h(
    "li", {},
    h("p", {}, text), h("time", { class: "quiet-text", datetime: at }, date(at)),
    changes && changesOf(changes),
  );
}

/**
 * Made when somebody wants to see it: values may be long, and many.
 * @param {Record<string, { from: unknown, to: unknown }>} changes
 */
function changesOf(changes) {
  const element = h("details", {}, h("summary", {}, t("timeline.changes")));
  element.addEventListener("toggle", () => {
    if (element.childElementCount > 1) return;
    element.append(...Object.entries(changes).map(([name, { from, to }]) => difference(tOr("field", name, { detail: name }), from, to)));
  });
  return element;
}

/**
 * What a value was and what it is.
 * @param {string} name
 * @param {unknown} from
 * @param {unknown} to
 */
export const difference = (name, from, to) =>
  h(
    "div", { class: "difference" }, h("strong", {}, name),
    h("div", { class: "was" }, h("span", { class: "unseen-text" }, t("timeline.was")), shown(from)), h("div", { class: "is" }, h("span", { class: "unseen-text" }, t("timeline.is")), shown(to)),
  );

/**
 * An order with its conversation beside it, for its owner.
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const orderView = (store) => ({
  show({ query }) {
    const id = idIn(query);
    const title = h("span", {}, t("order.title"));
    const talk = new Conversation(store, id);
    const panel = orderPanel(store, id);
    store.order(id).then((order) => {
      if (!talk.element.isConnected) return;
      fill(title, t("order.named", { number: order.number }));
      titled(`${t("order.named", { number: order.number })} · Orderline`);
    }, () => {});
    const facts = h("aside", { class: "side", "aria-label": t("order.title") }, panel.element);
    return {
      title: t("order.title"),
      isFull: true,
      element: h(
        "div", { class: "columns two" },
        h("div", { class: "column main-column" }, h("div", { class: "column-head" }, h("a", { class: "back", href: "#/orders" }, t("orders.back")), heading(title), sideButton(facts)), talk.element),
        facts,
      ),
      leave() {
        talk.leave();
        panel.leave();
      },
    };
  },
});

/**
 * Where there is no room for both: shows what stands at the side in the place of the conversation.
 * @param {HTMLElement} side
 */
export function sideButton(side) {
  const button = h("button", { type: "button", class: "quiet side-button", "aria-expanded": "false" }, t("order.show"));
  button.addEventListener("click", () => {
    const isShown = side.classList.toggle("shown");
    button.setAttribute("aria-expanded", String(isShown));
    fill(button, t(isShown ? "order.hide" : "order.show"));
    side.closest(".columns")?.classList.toggle("side-shown", isShown);
  });
  return button;
}
