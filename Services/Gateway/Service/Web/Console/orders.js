// One's own orders: found by state and text, which stand in the address.
import { fill, h, refill } from "./dom.js";
import { Problem } from "./orderline.js";
import { statusTag } from "./order.js";
import { SearchField, with_ } from "./filters.js";
import { go, heading } from "./router.js";
import { brief } from "./text.js";
import { number, problemText, t, when } from "./texts.js";

/** @typedef {import("./orderline.js").Order} Order */

/** Orders that are fetched at once. */
const PAGE = 20;
const STATUSES = ["Review", "Processing", "Completed"];
/**
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const orders = (store) => ({
  show({ query }) {
    const stopping = new AbortController();
    const { signal } = stopping;
    const list = h("ul", { class: "order-list" });
    const state = h("div", { class: "list-state", role: "status" });
    const more = h("button", { type: "button", onclick: () => load() }, t("list.more"));
    // What is being looked for is no place to go back to.
    const look = (/** @type {Record<string, string>} */ changes) => go(with_("/orders", now, changes));
    const search = new SearchField(t("orders.search"), (q) => look({ q }));
    const filters = h("nav", { class: "tabs", "aria-label": t("orders.filters") });
    /** @type {Map<string, HTMLElement>} */
    const rows = new Map();
    /** @type {string | null | undefined} */
    let cursor;
    let turn = 0;
    let now = query;

    async function load(isAnew = false, isSame = false) {
      const mine = isAnew ? ++turn : turn;
      // What was there is there again.
      const limit = isAnew && isSame ? Math.max(PAGE, Math.min(100, rows.size)) : PAGE;
      if (isAnew) cursor = undefined;
      more.hidden = true;
      list.setAttribute("aria-busy", "true");
      if (!rows.size && isAnew) showKnown();
      if (!rows.size) fill(state, h("p", { class: "quiet-text" }, t("loading")));
      try {
        const page = await store.page({ ...dates(now), status: now.get("status") || undefined, q: now.get("q") || undefined, limit, cursor });
        if (mine !== turn || signal.aborted) return;
        if (isAnew) rows.clear();
        for (const order of page.orders) rows.set(order.id, row(order));
        fill(list, [...rows.values()]);
        cursor = page.next;
        more.hidden = !cursor;
        fill(state, rows.size ? null : empty());
        for (const { id } of page.orders) if (!store.rooms.has(id)) store.room(id).catch(() => {});
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (mine !== turn || signal.aborted) return;
        fill(state, h("p", { role: "alert" }, problemText(error)), h("p", {}, h("button", { type: "button", onclick: () => load(isAnew) }, t("again"))));
      } finally {
        list.removeAttribute("aria-busy");
      }
    }

    /** What is known already, until the answer is there: coming back shows no empty page, with or without a connection. */
    function showKnown() {
      if (["q", "from", "to"].some((name) => now.has(name))) return;
      const known = [...store.orders.values()].filter(({ status }) => status === (now.get("status") ?? status));
      for (const order of known.sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1)).slice(0, PAGE)) rows.set(order.id, row(order));
      fill(list, [...rows.values()]);
    }

    const empty = () =>
      [...now.keys()].length
        ? [h("p", {}, t("orders.none")), h("p", {}, h("a", { href: "#/orders" }, t("orders.all")))]
        : h("div", { class: "welcome" }, h("p", {}, h("strong", {}, t("orders.empty"))), h("p", { class: "quiet-text" }, t("orders.empty.text")), h("p", {}, h("a", { class: "button primary", href: "#/orders/new" }, t("orders.new"))));

    /** @param {Order} order */
    function row(order) {
      const element = h("li", {});
      fill(element, rowOf(store, order));
      return element;
    }

    /** @param {string} id */
    function changed(id) {
      const order = store.orders.get(id);
      const element = rows.get(id);
      if (!order || !element) return;
      refill(element, rowOf(store, order));
    }

    /** @param {URLSearchParams} next */
    function filtered(next) {
      now = next;
      search.show(now.get("q") ?? "");
      refill(filters, ["", ...STATUSES].map((status) => search.link("/orders", () => now, { status }, (now.get("status") ?? "") === status, t(status ? `status.${status}` : "orders.all"))));
      load(true);
    }

    for (const name of ["order", "room"]) store.addEventListener(name, (event) => changed(/** @type {CustomEvent} */ (event).detail), { signal });
    store.addEventListener("again", () => load(true, true), { signal });
    filtered(query);
    const day = (/** @type {string} */ name, /** @type {string} */ label) =>
      h("label", { class: "date" }, label, h("input", { type: "date", name, value: now.get(name) ?? "", onchange: (/** @type {any} */ { target }) => look({ [name]: target.value }) }));
    return {
      title: t("orders.title"),
      element: h(
        "section", { class: "sheet wide" },
        h("div", { class: "head" }, heading(t("orders.title")), h("a", { class: "button primary", href: "#/orders/new" }, t("orders.new"))),
        h("div", { class: "filters" }, filters, search.element, h("div", { class: "dates" }, day("from", t("orders.from")), day("to", t("orders.to")))),
        list, state, h("p", { class: "actions" }, more),
      ),
      update: ({ query: next }) => filtered(next),
      leave() {
        stopping.abort();
        search.stop();
      },
    };
  },
});

/**
 * Whole days of where one is.
 * @param {URLSearchParams} query
 */
function dates(query) {
  /**
   * @param {string} name
   * @param {number} days
   */
  const bound = (name, days) => {
    const date = new Date(`${query.get(name)}T00:00`);
    if (isNaN(date.getTime())) return undefined;
    date.setDate(date.getDate() + days);
    return date.toISOString();
  };
  return { from: bound("from", 0), to: bound("to", 1) };
}

/**
 * @param {import("./store.js").Store} store
 * @param {Order} order
 */
function rowOf(store, order) {
  const room = store.rooms.get(order.id);
  const last = room?.lastMessage;
  const isMine = last?.sender.id === store.client.user?.id;
  return h(
    "a", { class: `order-row${room?.unread ? " unread" : ""}`, href: `#/orders/view?id=${order.id}` },
    h("span", { class: "order-head" }, h("strong", {}, `#${order.number}`), statusTag(order.status), room?.unread ? unreadBadge(room.unread) : null, store.outbox.of(order.id).some(({ isSent }) => !isSent) && h("span", { class: "tag bad" }, t("talk.waits")), h("time", { class: "quiet-text", datetime: last?.createdAt ?? order.createdAt }, when(last?.createdAt ?? order.createdAt))),
    h("span", { class: "order-text", dir: "auto" }, brief(order.description)),
    h("span", { class: "order-last quiet-text", dir: "auto" }, last ? `${isMine ? t("talk.you") : last.sender.name}: ${brief(last.content, 120)}` : room ? t("talk.none") : "\u00a0"),
  );
}

/** @param {number} count */
export const unreadBadge = (count) => h("span", { class: "badge" }, h("span", { "aria-hidden": "true" }, count > 99 ? "99+" : number(count)), h("span", { class: "unseen-text" }, t(count === 1 ? "unread.one" : "unread", { count: number(count) })));
