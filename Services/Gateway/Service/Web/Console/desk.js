// The Admin's desk: the queue, the conversation and the order side by side.
import { notify, notifying, titled } from "./alerts.js";
import { Conversation } from "./conversation.js";
import { fill, h, refill } from "./dom.js";
import { list as keyList } from "./keys.js";
import { Problem } from "./orderline.js";
import { SearchField, with_ } from "./filters.js";
import { orderPanel, sideButton } from "./order.js";
import { Queue, SORTS } from "./queue.js";
import { go, heading, idIn } from "./router.js";
import { number, t } from "./texts.js";

const QUEUES = ["Review", "Processing", "Completed", "all"];
/** Counts are asked for once in so long at most (milliseconds). */
const PACE = 1_000;

/**
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const desk = (store) => ({
  show({ query }) {
    const stopping = new AbortController();
    const { signal } = stopping;
    const queue = new Queue(store);
    let now = query;
    /** @type {string | null} */
    let opened = null;
    /** @type {{ leave(): void } | null} */
    let inside = null;
    const tabs = h("nav", { class: "tabs", "aria-label": t("desk.queues") });
    /** @type {Record<string, number>} */
    let counts = {};
    const look = (/** @type {Record<string, string>} */ changes) => go(with_("/desk", now, changes));
    const sort = h("select", { name: "sort", "aria-label": t("desk.sort"), onchange: (/** @type {any} */ { target }) => look({ sort: target.value }) }, SORTS.map((each) => h("option", { value: each }, t(`desk.sort.${each}`))));
    const search = new SearchField(t("desk.search"), (q) => look({ q }));
    const middle = h("div", { class: "column main-column" });
    const side = h("aside", { class: "side", "aria-label": t("order.title") });
    const bell = h("button", { type: "button", class: "quiet small", hidden: true, onclick: async () => { await notify(true); ring(); } }, t("notify.ask"));
    const ring = () => { bell.hidden = notifying() !== "off"; };
    const left = h(
      "section", { class: "column queue-column", "aria-label": t("desk.title") },
      h(
        "div", { class: "queue-tools" },
        h("div", { class: "sort" }, search.element, h("button", { type: "button", class: "quiet small keys-button", onclick: keyList, "aria-label": t("keys.title") }, "?")),
        tabs, h("div", { class: "sort" }, sort, bell),
      ),
      queue.element,
    );
    const title = heading(t("desk.title"));
    title.className = "unseen-text";
    const element = h("div", { class: "columns three" }, title, left, middle, side);

    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let counting;
    async function count() {
      counting = undefined;
      try {
        const { total, ...each } = await store.client.orderStats();
        counts = { ...each, all: total };
        if (!signal.aborted) showTabs();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
    const countSoon = () => { counting ??= setTimeout(count, PACE); };

    function showTabs() {
      refill(tabs, QUEUES.map((each) => search.link(
        "/desk", () => now, { queue: each === "Review" ? "" : each, q: "", order: "" }, queue.status === each && !queue.text,
        t(each === "all" ? "desk.all" : `status.${each}`), " ", h("span", { class: "count" }, counts[each] === undefined ? "" : number(counts[each])),
      )));
    }

    /** @param {string} id */
    function open(id) {
      if (id === opened) return;
      opened = id;
      inside?.leave();
      inside = null;
      element.classList.toggle("opened", Boolean(id));
      element.classList.remove("side-shown");
      side.classList.remove("shown");
      if (!id) {
        titled(`${t("desk.title")} · Orderline`);
        fill(middle, h("div", { class: "nothing" }, h("p", {}, h("strong", {}, t("desk.none"))), h("p", { class: "quiet-text" }, t("desk.none.text"))));
        fill(side);
        return;
      }
      const talk = new Conversation(store, id);
      const panel = orderPanel(store, id);
      const title = h("h2", { tabindex: "-1" }, t("order.title"));
      store.order(id).then(({ number: each, owner, description }) => {
        if (opened !== id) return;
        fill(title, t("desk.order", { number: each, name: owner.name }));
        titled(`${t("order.named", { number: each })} · Orderline`);
        title.title = description;
      }, () => {});
      fill(middle, h("div", { class: "column-head" }, h("a", { class: "back", href: `#${with_("/desk", now, { order: "" })}` }, t("desk.back")), title, sideButton(side)), talk.element);
      fill(side, panel.element);
      inside = { leave() { talk.leave(); panel.leave(); } };
    }

    /** @param {URLSearchParams} next */
    function update(next) {
      now = next;
      queue.show(next);
      search.show(next.get("q") ?? "");
      sort.value = next.get("sort") ?? SORTS[0];
      showTabs();
      const before = opened ?? "";
      open(idIn(next, "order"));
      queue.redraw();
      // Who chose it by the keyboard goes on there.
      if (opened && opened !== before && left.contains(document.activeElement)) setTimeout(() => /** @type {HTMLElement | null} */ (middle.querySelector("h2"))?.focus());
      if (!opened && before) /** @type {HTMLElement | null} */ (left.querySelector(`[data-id="${before}"] a`))?.focus();
    }

    for (const name of ["placed", "order", "again"]) store.addEventListener(name, countSoon, { signal });
    ring();
    count();
    update(query);
    return {
      title: t("desk.title"),
      isFull: true,
      element,
      update: (place) => update(place.query),
      leave() {
        stopping.abort();
        clearTimeout(counting);
        search.stop();
        queue.leave();
        inside?.leave();
      },
    };
  },
});
