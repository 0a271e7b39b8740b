// Everybody's accounts, for Admins.
import { confirm, once } from "./dialog.js";
import { fill, h, refill } from "./dom.js";
import { SearchField, with_ } from "./filters.js";
import { Problem } from "./orderline.js";
import { go, heading } from "./router.js";
import { date, problemText, t } from "./texts.js";

/** @typedef {import("./orderline.js").User} User */

const PAGE = 30;

/**
 * @param {import("./orderline.js").Client} client
 * @returns {import("./router.js").Route}
 */
export const users = (client) => ({
  isForAdmins: true,
  show({ query }) {
    let now = query;
    let turn = 0;
    /** @type {string | null | undefined} */
    let cursor;
    const notice = h("p", { class: "form-notice", role: "status" });
    const list = h("ul", { class: "rows" });
    const state = h("div", { class: "list-state", role: "status" });
    const more = h("button", { type: "button", hidden: true, onclick: () => load() }, t("list.more"));
    const tabs = h("nav", { class: "tabs", "aria-label": t("users.roles") });
    const look = (/** @type {Record<string, string>} */ changes) => go(with_("/users", now, changes));
    const search = new SearchField(t("users.search"), (q) => look({ q }));

    async function load(isAnew = false) {
      const mine = isAnew ? ++turn : turn;
      if (isAnew) cursor = undefined;
      more.hidden = true;
      try {
        /** @type {{ items: User[], nextCursor: string | null }} */
        const page = await client.call("GET", "/users", { query: { q: now.get("q") || undefined, role: now.get("role") || undefined, limit: PAGE, cursor } });
        if (mine !== turn) return;
        if (isAnew) fill(list);
        for (const user of page.items) {
          const element = h("li", { class: "row" });
          draw(element, user);
          list.append(element);
        }
        cursor = page.nextCursor;
        more.hidden = !cursor;
        fill(state, list.childElementCount ? null : h("p", { class: "empty" }, t("users.none")));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (mine === turn) fill(state, h("p", { role: "alert" }, problemText(error)), h("p", {}, h("button", { type: "button", onclick: () => load(isAnew) }, t("again"))));
      }
    }

    /**
     * @param {HTMLElement} element
     * @param {User} user
     */
    function draw(element, user) {
      const isSelf = user.id === client.user?.id;
      const isGone = user.email === null;
      /**
       * @param {object} changes
       * @param {string} text
       */
      const change = async (changes, text) => {
        draw(element, await client.call("PATCH", `/users/${user.id}`, { body: changes, isRepeatable: true }));
        fill(notice, t(text, { name: user.name }));
      };
      /**
       * @param {string} label
       * @param {(button: HTMLElement) => void} act
       */
      const button = (label, act) => {
        const made = h("button", { type: "button", class: "quiet small", "aria-label": `${t(label)}: ${user.name}`, onclick: () => act(made) }, t(label));
        return made;
      };
      const asked = (/** @type {string} */ what, /** @type {boolean} */ isBad, /** @type {() => Promise<void>} */ act) => () =>
        confirm({ title: t(`users.${what}.title`, { name: user.name }), text: t(`users.${what}.text`), action: t(`users.${what}`), isBad, act });
      refill(
        element,
        h(
          "div", {},
          h("strong", { dir: "auto" }, user.name), h("span", { class: "tag" }, t(`role.${user.role}`)), user.disabled && h("span", { class: "tag bad" }, t(isGone ? "users.gone" : "users.disabled")), isSelf && h("span", { class: "tag" }, t("talk.you")),
          h("div", { class: "quiet-text" }, [user.email, t("users.since", { time: date(user.createdAt) })].filter(Boolean).join(" · ")),
        ),
        !isSelf && !isGone && h(
          "p", { class: "actions" },
          user.role === "Admin"
            ? button("users.demote", asked("demote", false, () => change({ role: "Regular" }, "users.changed")))
            : button("users.promote", asked("promote", false, () => change({ role: "Admin" }, "users.changed"))),
          user.disabled
            ? button("users.enable", (made) => once(made, notice, () => change({ disabled: false }, "users.changed")))
            : button("users.disable", asked("disable", true, () => change({ disabled: true }, "users.changed"))),
          button("users.signOut", (made) => once(made, notice, async () => {
            await client.call("DELETE", `/users/${user.id}/sessions`, { isRepeatable: true });
            fill(notice, t("users.signedOut", { name: user.name }));
          })),
          button("users.delete", asked("delete", true, async () => {
            await client.call("DELETE", `/users/${user.id}`, { isRepeatable: true });
            draw(element, await client.call("GET", `/users/${user.id}`));
            fill(notice, t("users.deleted", { name: user.name }));
          })),
        ),
      );
    }

    /** @param {URLSearchParams} next */
    function filtered(next) {
      now = next;
      search.show(now.get("q") ?? "");
      refill(tabs, ["", "Regular", "Admin"].map((role) => search.link("/users", () => now, { role }, (now.get("role") ?? "") === role, t(role ? `users.${role}` : "users.all"))));
      load(true);
    }

    filtered(query);
    return {
      title: t("users.title"),
      element: h(
        "section", { class: "sheet wide" }, heading(t("users.title")),
        h("div", { class: "filters" }, tabs, search.element), notice, list, state, h("p", { class: "actions" }, more),
      ),
      update: ({ query: next }) => filtered(next),
      leave: () => search.stop(),
    };
  },
});
