// Signing in and making an account.
import { h } from "./dom.js";
import { form } from "./forms.js";
import { Problem } from "./orderline.js";
import { go, heading } from "./router.js";
import { t, tOr } from "./texts.js";

/**
 * Where to go on: a place of this page and nothing else.
 * @param {URLSearchParams} query
 */
export const next = (query) => (query.get("then")?.startsWith("/") ? /** @type {string} */ (query.get("then")) : "/");

/**
 * @param {string} path
 * @param {URLSearchParams} query
 */
const link = (path, query) => `#${path}${query.has("then") ? `?${new URLSearchParams({ then: next(query) })}` : ""}`;

/**
 * @param {import("./orderline.js").Client} client
 * @param {() => Promise<void>} before
 * @returns {import("./router.js").Route}
 */
export const signIn = (client, before) => ({
  isPublic: true,
  show({ query }) {
    const ended = query.get("ended");
    const element = form({
      fields: [
        { name: "email", label: t("field.email"), type: "email", autocomplete: "username" },
        { name: "password", label: t("field.password"), type: "password", autocomplete: "current-password" },
        { name: "code", label: t("field.code"), autocomplete: "one-time-code", isHidden: true },
      ],
      submit: t("signIn.submit"),
      async send({ email, password, code }, shown) {
        await before();
        try {
          await client.logIn({ email, password, ...(code ? { code } : {}) });
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== "second-factor-required" || code) throw error;
          shown.reveal("code");
          return t("signIn.code");
        }
        go(next(query));
      },
    });
    return {
      title: t("signIn.title"),
      element: h(
        "section", { class: "sheet narrow" },
        heading(t("signIn.title")), h("p", { class: "lead" }, t("signIn.lead")),
        ended && h("p", { class: "callout", role: "status" }, tOr("signIn.ended", ended)),
        element,
        h("p", {}, `${t("signIn.other")} `, h("a", { href: link("/register", query) }, t("signIn.register"))),
      ),
    };
  },
});

/**
 * @param {import("./orderline.js").Client} client
 * @param {() => Promise<void>} before
 * @returns {import("./router.js").Route}
 */
export const register = (client, before) => ({
  isPublic: true,
  show({ query }) {
    const element = form({
      fields: [
        { name: "name", label: t("field.name"), autocomplete: "name" },
        { name: "email", label: t("field.email"), type: "email", autocomplete: "username" },
        { name: "password", label: t("field.password"), type: "password", autocomplete: "new-password", hint: t("field.password.hint") },
      ],
      submit: t("register.submit"),
      async send({ name, email, password }) {
        await before();
        await client.register({ name, email, password });
        go(next(query));
      },
    });
    return {
      title: t("register.title"),
      element: h(
        "section", { class: "sheet narrow" },
        heading(t("register.title")), h("p", { class: "lead" }, t("signIn.lead")), element,
        h("p", {}, `${t("register.other")} `, h("a", { href: link("/sign-in", query) }, t("register.signIn"))),
      ),
    };
  },
});
