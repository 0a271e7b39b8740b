// The day's figures, for Admins: counted from the lists, up to a bound that is told.
import { fill, h } from "./dom.js";
import { Problem } from "./orderline.js";
import { heading } from "./router.js";
import { number, problemText, span, t } from "./texts.js";

/** So many of a kind are counted at most. */
const MOST = 1_000;

/**
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const figures = (store) => ({
  isForAdmins: true,
  show() {
    const stopping = new AbortController();
    const content = h("div", {}, h("p", { class: "quiet-text" }, t("loading")));

    async function load() {
      try {
        const shown = await count(store.client, stopping.signal);
        if (!stopping.signal.aborted) fill(content, ...shown);
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        fill(content, h("p", { role: "alert" }, problemText(error)), h("p", {}, h("button", { type: "button", onclick: load }, t("again"))));
      }
    }
    load();
    store.addEventListener("again", load, { signal: stopping.signal });
    return {
      title: t("figures.title"),
      element: h("section", { class: "sheet wide" }, h("div", { class: "head" }, heading(t("figures.title")), h("button", { type: "button", onclick: load }, t("figures.again"))), content),
      leave: () => stopping.abort(),
    };
  },
});

/**
 * @param {import("./orderline.js").Client} client
 * @param {AbortSignal} signal
 */
async function count(client, signal) {
  const morning = new Date();
  morning.setHours(0, 0, 0, 0);
  const day = morning.toISOString();
  /**
   * @template T
   * @param {AsyncGenerator<T>} items
   * @param {(item: T) => boolean} isOver
   */
  const taken = async (items, isOver) => {
    /** @type {T[]} */
    const all = [];
    for await (const item of items) {
      if (all.length === MOST || isOver(item)) break;
      all.push(item);
    }
    return all;
  };
  const [stats, placed, closed, open] = await Promise.all([
    client.orderStats(),
    taken(client.orders({ from: day }, signal), () => false),
    // A room's last act is its closing, so the latest closed come first.
    taken(client.rooms({ open: false }, signal), ({ closedAt }) => (closedAt ?? "") < day),
    taken(client.rooms({ open: true }, signal), () => false),
  ]);
  const waiting = open.filter(({ lastMessage }) => lastMessage?.sender.role !== "Admin").map(({ lastMessage, createdAt }) => Date.now() - Date.parse(lastMessage?.createdAt ?? createdAt));
  const took = closed.map(({ createdAt, closedAt }) => Date.parse(closedAt ?? createdAt) - Date.parse(createdAt)).sort((one, other) => one - other);
  const middle = took[Math.floor(took.length / 2)];
  const counted = (/** @type {unknown[]} */ all) => `${number(all.length)}${all.length === MOST ? "+" : ""}`;
  /**
   * @param {string} name
   * @param {string} value
   * @param {string} [place]
   */
  const figure = (name, value, place) => h("li", { class: "figure" }, h("span", { class: "figure-value" }, value), place ? h("a", { href: `#${place}` }, t(name)) : h("span", {}, t(name)));
  return [
    h("h2", {}, t("figures.today")),
    h("ul", { class: "figures" }, figure("figures.placed", counted(placed)), figure("figures.closed", counted(closed)), figure("figures.took", middle === undefined ? "–" : span(middle))),
    h("h2", {}, t("figures.now")),
    h(
      "ul", { class: "figures" },
      figure("figures.waiting", counted(waiting), "/desk"), figure("figures.longest", waiting.length ? span(Math.max(...waiting)) : "–", "/desk"),
      ...["Review", "Processing", "Completed"].map((status) => figure(`status.${status}`, number(stats[/** @type {"Review"} */ (status)]), `/desk?queue=${status}`)),
    ),
  ];
}
