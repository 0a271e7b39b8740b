// One's own account: name, address, password, sessions, and how the console looks and speaks.
import { notify, notifying } from "./alerts.js";
import { fill, fresh, h } from "./dom.js";
import { form } from "./forms.js";
import { areKeysOn, turnKeys } from "./keys.js";
import { Problem } from "./orderline.js";
import { heading } from "./router.js";
import { language, languages, problemText, speak, t, when } from "./texts.js";
import { appear, appearance } from "./theme.js";

/** @typedef {{ id: string, device: string | null, address: string | null, createdAt: string, lastSeenAt: string | null, current: boolean }} LiveSession */

/**
 * @param {import("./orderline.js").Client} client
 * @param {{ renamed(): void, translated(): void }} told of what stands outside of this view
 * @returns {import("./router.js").Route}
 */
export const account = (client, told) => ({
  show() {
    const user = /** @type {import("./orderline.js").User} */ (client.user);
    const signedIn = sessions(client);
    return {
      title: t("account.title"),
      element: h(
        "section", { class: "sheet" },
        heading(t("account.title")),
        block(t("account.profile"), profile(client, user, told.renamed)),
        block(t("account.password"), password(client, user, signedIn.load)),
        block(t("account.factor"), secondFactor(client)),
        block(t("account.sessions"), h("p", { class: "lead" }, t("account.sessions.lead")), signedIn.element),
        block(t("account.appearance"), preferences(told.translated)),
        block(t("account.habits"), habits()),
      ),
    };
  },
});

/**
 * @param {string} title
 * @param {...(Node | null)} content
 */
function block(title, ...content) {
  const id = fresh();
  return h("section", { class: "block", "aria-labelledby": id }, h("h2", { id }, title), content);
}

/**
 * @param {import("./orderline.js").Client} client
 * @param {import("./orderline.js").User} user
 * @param {() => void} renamed
 */
const profile = (client, user, renamed) =>
  form({
    fields: [
      { name: "name", label: t("field.name"), autocomplete: "name", value: user.name },
      { name: "email", label: t("field.email"), type: "email", autocomplete: "username", value: user.email ?? "" },
      { name: "currentPassword", label: t("field.currentPassword"), type: "password", autocomplete: "current-password", isHidden: true },
    ],
    submit: t("account.profile.submit"),
    async send({ name, email, currentPassword }, shown) {
      const now = /** @type {import("./orderline.js").User} */ (client.user);
      /** @type {Record<string, string>} */
      const changes = {};
      if (name !== now.name) changes.name = name;
      if (email !== now.email) {
        if (currentPassword === undefined) {
          shown.reveal("currentPassword");
          return t("account.email.needs");
        }
        Object.assign(changes, { email, currentPassword });
      }
      if (Object.keys(changes).length) {
        client.user = await client.call("PATCH", "/users/me", { body: changes });
        shown.conceal("currentPassword");
        renamed();
      }
      return t("account.profile.saved");
    },
  });

/**
 * @param {import("./orderline.js").Client} client
 * @param {import("./orderline.js").User} user
 * @param {() => void} ended called when the other sessions have ended
 */
function password(client, user, ended) {
  const element = form({
    fields: [
      { name: "currentPassword", label: t("field.currentPassword"), type: "password", autocomplete: "current-password" },
      { name: "newPassword", label: t("field.newPassword"), type: "password", autocomplete: "new-password", hint: t("field.newPassword.hint") },
    ],
    submit: t("account.password.submit"),
    async send(values) {
      await client.call("POST", "/auth/password", { body: values });
      element.reset();
      ended();
      return t("account.password.saved");
    },
  });
  // By which a password manager knows whose password it is.
  element.prepend(h("input", { type: "text", autocomplete: "username", value: user.email ?? "", hidden: true, readonly: true, tabindex: "-1", "aria-hidden": "true" }));
  return element;
}

/** @param {import("./orderline.js").Client} client */
function sessions(client) {
  const notice = h("p", { class: "form-notice", role: "status" });
  const list = h("ul", { class: "rows", "aria-busy": "true" }, h("li", { class: "quiet-text" }, t("loading")));
  const load = async () => {
    /** @type {LiveSession[]} */
    const all = [];
    try {
      for await (const session of client.list("/auth/sessions")) all.push(session);
      fill(list, all.map(row));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      fill(list, h("li", {}, `${problemText(error)} `, h("button", { type: "button", onclick: load }, t("again"))));
    } finally {
      list.removeAttribute("aria-busy");
    }
  };
  /** @param {LiveSession} session */
  const row = (session) => {
    const device = named(session.device);
    const end = async () => {
      try {
        await client.call("DELETE", `/auth/sessions/${session.id}`, { isRepeatable: true });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // It has ended by itself.
        if (error.code !== "not-found") return fill(notice, problemText(error));
      }
      fill(notice, t("account.sessions.ended", { device }));
      await load();
    };
    return h(
      "li", { class: "row" },
      h(
        "div", {},
        h("strong", { title: session.device }, device), session.current && h("span", { class: "tag" }, t("account.sessions.current")),
        h("div", { class: "quiet-text" }, [
          session.address, t("account.sessions.since", { time: when(session.createdAt) }),
          session.lastSeenAt && t("account.sessions.seen", { time: when(session.lastSeenAt) }),
        ].filter(Boolean).join(" · ")),
      ),
      !session.current && h("button", { type: "button", class: "quiet", onclick: end, "aria-label": t("account.sessions.endNamed", { device }) }, t("account.sessions.end")),
    );
  };
  load();
  return { element: h("div", {}, notice, list), load };
}

const BROWSERS = { "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" };
const SYSTEMS = { Android: "Android", iPhone: "iPhone", iPad: "iPad", Windows: "Windows", "Mac OS": "macOS", CrOS: "ChromeOS", Linux: "Linux" };

/**
 * What people call it, where a browser can be told from what it says of itself (RFC 9110, 10.1.5).
 * @param {string | null} agent
 */
function named(agent) {
  if (!agent) return t("account.sessions.unknown");
  /** @param {Record<string, string>} names */
  const first = (names) => Object.entries(names).find(([sign]) => agent.includes(sign))?.[1];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  return browser && system ? t("account.sessions.device", { browser, system }) : agent;
}

/**
 * A second factor by an authenticator. Whether there is one is not told: what is asked for says so.
 * @param {import("./orderline.js").Client} client
 */
function secondFactor(client) {
  const place = h("div", {});
  const begin = () => fill(
    place, h("p", { class: "lead" }, t("account.factor.lead")),
    form({
      fields: [{ name: "currentPassword", label: t("field.currentPassword"), type: "password", autocomplete: "current-password" }],
      submit: t("account.factor.begin"),
      async send(values) {
        try {
          confirmed(await client.call("POST", "/auth/totp", { body: values }));
        } catch (error) {
          // There is one already.
          if (!(error instanceof Problem) || error.code !== "forbidden") throw error;
          end();
        }
      },
    }),
  );
  /** @param {{ secret: string, uri: string }} made */
  const confirmed = ({ secret, uri }) => {
    fill(
      place, h("p", {}, t("account.factor.enter")), h("p", {}, h("code", { class: "secret" }, secret.match(/.{1,4}/g)?.join(" "))), h("p", {}, h("a", { href: uri }, t("account.factor.open"))),
      form({
        fields: [{ name: "code", label: t("field.code"), autocomplete: "one-time-code" }],
        submit: t("account.factor.confirm"),
        async send(values) {
          const { recoveryCodes } = await client.call("POST", "/auth/totp/confirm", { body: values });
          fill(place, h("p", { role: "status" }, t("account.factor.done")), h("ul", { class: "codes" }, recoveryCodes.map((/** @type {string} */ code) => h("li", {}, h("code", {}, code)))));
        },
      }),
    );
    place.querySelector("input")?.focus();
  };
  const end = () => {
    fill(
      place, h("p", {}, t("account.factor.there")),
      form({
        fields: [{ name: "currentPassword", label: t("field.currentPassword"), type: "password", autocomplete: "current-password" }, { name: "code", label: t("field.code"), autocomplete: "one-time-code" }],
        submit: t("account.factor.end"),
        async send(values) {
          await client.call("DELETE", "/auth/totp", { body: values });
          begin();
          place.prepend(h("p", { role: "status" }, t("account.factor.ended")));
        },
      }),
    );
    place.querySelector("input")?.focus();
  };
  begin();
  return place;
}

/** How one works: keys, and what is said when one looks elsewhere. */
function habits() {
  const state = h("p", { class: "hint", role: "status" });
  /**
   * @param {string} label
   * @param {boolean} isOn
   * @param {(isOn: boolean) => void} turn
   * @param {boolean} [isOff]
   */
  const check = (label, isOn, turn, isOff = false) => {
    const id = fresh();
    const input = h("input", { type: "checkbox", id, checked: isOn, disabled: isOff, onchange: (/** @type {any} */ { target }) => turn(target.checked) });
    return h("div", { class: "check" }, input, h("label", { for: id }, label));
  };
  const now = notifying();
  if (now === "denied" || now === "unsupported") fill(state, t(`notify.${now}`));
  const alerts = check(t("notify.label"), now === "on", async (isOn) => {
    const then = await notify(isOn);
    const input = /** @type {HTMLInputElement} */ (alerts.querySelector("input"));
    input.checked = then === "on";
    fill(state, isOn && then !== "on" ? t("notify.denied") : "");
  }, now === "denied" || now === "unsupported");
  return h("div", {}, check(t("keys.label"), areKeysOn(), turnKeys), h("p", { class: "hint" }, t("keys.hint")), alerts, state);
}

/** @param {() => void} translated */
function preferences(translated) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {[string, string][]} choices
   * @param {string} chosen
   * @param {(value: string) => void} choose
   */
  const choice = (name, label, choices, chosen, choose) => {
    const id = fresh();
    return h(
      "div", { class: "field" }, h("label", { for: id }, label),
      h("select", { id, name, onchange: (/** @type {any} */ { target }) => choose(target.value) },
        choices.map(([value, text]) => h("option", { value, selected: value === chosen }, text))),
    );
  };
  return h(
    "div", {},
    choice("appearance", t("theme"), [["auto", t("theme.auto")], ["light", t("theme.light")], ["dark", t("theme.dark")]], appearance(), appear),
    choice("language", t("language.label"), Object.entries(languages).map(([tag, texts]) => [tag, texts.language]), language, (tag) => { speak(tag); translated(); }),
  );
}
