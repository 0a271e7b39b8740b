// The console's start: who is signed in, and which view is shown.
import { account } from "./account.js";
import { alert } from "./alerts.js";
import { watchConnection } from "./connection.js";
import { confirm } from "./dialog.js";
import { desk } from "./desk.js";
import { fill, h, refill } from "./dom.js";
import { figures } from "./figures.js";
import { keepOthers } from "./kept.js";
import { listen } from "./keys.js";
import { orderView } from "./order.js";
import { Client, Problem } from "./orderline.js";
import { orders } from "./orders.js";
import { editView, placeView } from "./place.js";
import { go, heading, place, Router } from "./router.js";
import { next, register, signIn } from "./signin.js";
import { Store } from "./store.js";
import { language, problemText, t } from "./texts.js";
import { appear, appearance } from "./theme.js";
import { users } from "./users.js";

const client = new Client();
const top = /** @type {HTMLElement} */ (document.querySelector("#top"));
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const connected = watchConnection(client, /** @type {HTMLElement} */ (document.querySelector("#connection")));
/**
 * What is known to whoever is signed in.
 * @type {Store | null}
 */
let store = null;

/**
 * @param {(store: Store) => import("./router.js").Route} make
 * @param {boolean} [isForAdmins]
 */
const known = (make, isForAdmins = false) => ({ isForAdmins, show: (/** @type {import("./router.js").Place} */ now) => make(/** @type {Store} */ (store)).show(now) });

/** @type {Map<string, import("./router.js").Route>} */
const routes = new Map([
  ["/sign-in", signIn(client, beforeSigningIn)],
  ["/register", register(client, beforeSigningIn)],
  ["/orders", known(orders)],
  ["/orders/new", known(placeView)],
  ["/orders/edit", known(editView)],
  ["/orders/view", known(orderView)],
  ["/desk", known(desk, true)],
  ["/users", users(client)],
  ["/figures", known(figures, true)],
  ["/account", account(client, { renamed: frame, translated: () => router.show("[name=language]") })],
]);

/** Where is kept who has signed out without reaching anybody. */
const LEAVING = "leaving";
/** How long is waited until it is tried again to end a session (milliseconds). */
const LEAVING_PAUSE = 5_000;

const ownerNow = () => `${client.user?.id} ${client.user?.role}`;
const isAdmin = () => client.user?.role === "Admin";
const home = () => (isAdmin() ? "/desk" : "/orders");

const router = new Router(main, routes, (route, { path, query }) => {
  frame();
  if (client.user) return path === "/" || (route?.isForAdmins && !isAdmin()) ? home() : route?.isPublic ? next(query) : null;
  if (route?.isPublic) return null;
  return `/sign-in${path === "/" ? "" : `?${new URLSearchParams({ then: location.hash.slice(1) })}`}`;
});

/** What stands around every view. */
function frame() {
  if (client.user) begin();
  document.documentElement.lang = language;
  const skip = /** @type {HTMLElement} */ (document.querySelector(".skip"));
  fill(skip, t("skip"));
  /**
   * @param {string} path
   * @param {string} name
   */
  const link = (path, name) => h("a", { href: `#${path}`, "data-place": true }, t(name));
  refill(
    top,
    h("a", { class: "brand", href: "#/" }, "Orderline"),
    client.user
      ? h(
        "nav", { "aria-label": t("menu.label") },
        isAdmin() ? [link("/desk", "desk.title"), link("/figures", "figures.title"), link("/users", "users.title")] : link("/orders", "orders.title"),
        link("/account", "menu.account"), h("a", { href: "/docs" }, t("menu.docs")),
        h("span", { class: "who" }, h("span", { dir: "auto" }, client.user.name), h("span", { class: "tag" }, t(`role.${client.user.role}`))),
        h("button", { type: "button", class: "quiet", onclick: signOut }, t("menu.signOut")),
      )
      : h("nav", { "aria-label": t("menu.label") }, h("a", { href: "/docs" }, t("menu.docs"))),
  );
}

/** Somebody is signed in: what they see is kept in step from now on. */
function begin() {
  client.connect();
  if (store) return;
  localStorage.setItem("session", "begun");
  store = new Store(client);
  alert(store, (id) => (isAdmin() ? `/desk?order=${id}` : `/orders/view?id=${id}`));
  store.start();
  connected();
}

function signOut() {
  if (!store?.outbox.isWaiting) return leave();
  confirm({ title: t("signOut.title"), text: t("signOut.text"), action: t("menu.signOut"), isBad: true, act: async () => void leave() });
}

/** Ends the session here at once, and at the server as soon as it can be reached. */
async function leave() {
  localStorage.setItem(LEAVING, client.user?.id ?? "");
  await ending((signal) => client.logOut({ signal }));
  if (!localStorage.getItem(LEAVING) || client.user) return;
  go("/sign-in?ended=unreached");
  finishLeaving();
}

/** Whoever has signed out while nobody was reached has the session ended as soon as somebody is. */
async function finishLeaving() {
  while (localStorage.getItem(LEAVING) !== null && !client.user) {
    await ending((signal) => client.call("POST", "/auth/logout", { isAnonymous: true, isRepeatable: true, signal }));
    if (localStorage.getItem(LEAVING) !== null) await new Promise((resolve) => setTimeout(resolve, LEAVING_PAUSE));
  }
}

/**
 * What is under way to end a session.
 * @type {{ stop: AbortController, done: Promise<void> } | null}
 */
let leaving = null;

/**
 * The answer has the browser forget whatever it keeps of this site; only what is theirs is to go.
 * @param {(signal: AbortSignal) => Promise<unknown>} end
 */
async function ending(end) {
  const stop = new AbortController();
  const putBack = keepOthers(localStorage.getItem(LEAVING) ?? "");
  const done = (async () => {
    try {
      await end(stop.signal);
      putBack();
      localStorage.removeItem(LEAVING);
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      // It is over.
      if (error.status === 401) localStorage.removeItem(LEAVING);
    }
  })();
  leaving = { stop, done };
  await done;
  leaving = null;
}

/** Before somebody signs in: what ends another session must not end this one, whose cookie has the same name. */
async function beforeSigningIn() {
  localStorage.removeItem(LEAVING);
  leaving?.stop.abort();
  await leaving?.done;
}

client.addEventListener("sessionEnded", (event) => {
  const { reason } = /** @type {CustomEvent} */ (event).detail;
  // Of somebody else who has signed in the session is there.
  if (reason !== "replaced") localStorage.removeItem("session");
  store?.stop();
  store = null;
  const query = new URLSearchParams({ ended: reason });
  if (reason !== "logged-out" && !routes.get(place().path)?.isPublic) query.set("then", location.hash.slice(1));
  go(`/sign-in?${query}`);
});

// With another role other things are to be seen.
client.addEventListener("connection", () => {
  if (!client.user || !store || store.owner === ownerNow()) return;
  store.stop();
  store = null;
  router.anew();
});

/** @type {HTMLElement} */ (document.querySelector(".skip")).addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

appear(appearance());
listen();
// The cookie of a session cannot be seen: asked for is only one that was begun here.
try {
  if (localStorage.getItem(LEAVING) !== null) finishLeaving();
  else if (localStorage.getItem("session") && !(await client.resume())) localStorage.removeItem("session");
  router.show(null);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  frame();
  const again = h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("again"));
  fill(main, h("section", { class: "sheet narrow" }, heading(t("failed")), h("p", {}, problemText(error)), h("p", {}, again)));
}
main.removeAttribute("aria-busy");
