// The console's start: who is signed in, and which view is shown.
import { account } from "./account.js";
import { fill, h } from "./dom.js";
import { Client, Problem } from "./orderline.js";
import { go, heading, place, Router } from "./router.js";
import { next, register, signIn } from "./signin.js";
import { language, problemText, t } from "./texts.js";
import { appear, appearance } from "./theme.js";

const client = new Client();
const top = /** @type {HTMLElement} */ (document.querySelector("#top"));
const main = /** @type {HTMLElement} */ (document.querySelector("main"));

/** @type {Map<string, import("./router.js").Route>} */
const routes = new Map([
  ["/sign-in", signIn(client)],
  ["/register", register(client)],
  ["/account", account(client, { renamed: frame, translated: () => router.show("[name=language]") })],
]);
const home = "/account";

const router = new Router(main, routes, (route, { path, query }) => {
  frame();
  if (client.user) return path === "/" ? home : route?.isPublic ? next(query) : null;
  if (route?.isPublic) return null;
  return `/sign-in${path === "/" ? "" : `?${new URLSearchParams({ then: location.hash.slice(1) })}`}`;
});

/** What stands around every view. */
function frame() {
  if (client.user) {
    localStorage.setItem("session", "begun");
    // Hears of a session that is ended elsewhere.
    client.connect();
  }
  document.documentElement.lang = language;
  const skip = /** @type {HTMLElement} */ (document.querySelector(".skip"));
  fill(skip, t("skip"));
  fill(
    top,
    h("a", { class: "brand", href: "#/" }, "Orderline"),
    client.user
      ? h(
        "nav", { "aria-label": t("menu.label") },
        h("a", { href: "#/account", "data-place": true }, t("menu.account")), h("a", { href: "/docs" }, t("menu.docs")),
        h("span", { class: "who" }, client.user.name, h("span", { class: "tag" }, t(`role.${client.user.role}`))),
        h("button", { type: "button", class: "quiet", onclick: signOut }, t("menu.signOut")),
      )
      : h("nav", { "aria-label": t("menu.label") }, h("a", { href: "/docs" }, t("menu.docs"))),
  );
}

async function signOut() {
  // The answer has the browser forget whatever it keeps of this site; how it looks and speaks is nobody's secret.
  const kept = ["appearance", "language"].map((name) => [name, localStorage.getItem(name)]);
  try {
    await client.logOut();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // Nobody was reached; here it is over all the same.
  }
  for (const [name, value] of kept) if (name && value) localStorage.setItem(name, value);
}

client.addEventListener("sessionEnded", (event) => {
  const { reason } = /** @type {CustomEvent} */ (event).detail;
  localStorage.removeItem("session");
  const query = new URLSearchParams({ ended: reason });
  if (reason !== "logged-out" && !routes.get(place().path)?.isPublic) query.set("then", location.hash.slice(1));
  go(`/sign-in?${query}`);
});

appear(appearance());
// The cookie of a session cannot be seen: asked for is only one that was begun here.
try {
  if (localStorage.getItem("session") && !(await client.resume())) localStorage.removeItem("session");
  router.show(null);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  frame();
  const again = h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("again"));
  fill(main, h("section", { class: "sheet narrow" }, heading(t("failed")), h("p", {}, problemText(error)), h("p", {}, again)));
}
main.removeAttribute("aria-busy");
