// Which view is shown: by the part of the address behind `#`, so that a link can be shared and Back works.
import { titled } from "./alerts.js";
import { fill, h } from "./dom.js";
import { t } from "./texts.js";

/**
 * @typedef {object} View
 * @property {string} title
 * @property {Node} element
 * @property {() => void} [leave]
 * @property {(place: Place) => void} [update] called instead of being shown anew when only what is behind `?` has changed
 * @property {boolean} [isFull] whether it takes the whole window and scrolls within
 */
/** @typedef {{ path: string, query: URLSearchParams }} Place */
/** @typedef {{ isPublic?: boolean, isForAdmins?: boolean, show(place: Place): View }} Route */

/** @returns {Place} */
export function place() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  return { path: path || "/", query: new URLSearchParams(query) };
}

/**
 * Goes to another place in the stead of this one, so that Back does not lead here.
 * @param {string} path
 */
export const go = (path) => location.replace(`#${path}`);

export class Router {
  /**
   * @param {HTMLElement} main
   * @param {Map<string, Route>} routes
   * @param {(route: Route | undefined, place: Place) => string | null} elsewhere where to go instead
   */
  constructor(main, routes, elsewhere) {
    this.main = main;
    this.routes = routes;
    this.elsewhere = elsewhere;
    /** @type {View | null} */
    this.view = null;
    this.path = "";
    /**
     * What gets the focus behind a detour.
     * @type {string | null}
     */
    this.focused = "h1";
    addEventListener("hashchange", () => { if (/^(#\/|#?$)/.test(location.hash)) this.show(this.focused); });
  }

  /** @param {string | null} [focused] what gets the focus; `null` when the page has just been opened and nobody's is moved */
  show(focused = "h1") {
    const now = place();
    const route = this.routes.get(now.path);
    const other = this.elsewhere(route, now);
    this.focused = other === null ? "h1" : focused;
    if (other !== null) return go(other);
    this.mark(now.path);
    if (this.path === now.path && this.view?.update && focused === "h1") return this.view.update(now);
    this.view?.leave?.();
    this.path = now.path;
    this.view = route ? route.show(now) : missing();
    titled(`${this.view.title} · Orderline`);
    document.documentElement.classList.toggle("full", this.view.isFull ?? false);
    fill(this.main, this.view.element);
    if (focused === "h1") scrollTo(0, 0);
    if (focused) /** @type {HTMLElement | null} */ (this.main.querySelector(focused))?.focus();
  }

  /**
   * Says in the menu where one is.
   * @param {string} path
   */
  mark(path) {
    for (const link of document.querySelectorAll("[data-place]")) {
      const place = link.getAttribute("href")?.slice(1) ?? "";
      if (path === place || path.startsWith(`${place}/`)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Shows the view of now from its beginning: somebody else is signed in, or may do other things. */
  anew() {
    this.path = "";
    this.show();
  }
}

/**
 * The order that the address names, as the interface writes ids; what is no id stays none.
 * @param {URLSearchParams} query
 * @param {string} [name]
 */
export function idIn(query, name = "id") {
  const id = (query.get(name) ?? "").toLowerCase();
  return !id || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : "none";
}

/** @returns {View} */
function missing() {
  const title = t("notFound.title");
  return {
    title,
    element: h("section", { class: "sheet" }, heading(title), h("p", {}, t("notFound.text")), h("p", {}, h("a", { href: "#/" }, t("notFound.home")))),
  };
}

/**
 * A view's heading, to which the focus goes.
 * @param {string} text
 */
export const heading = (text) => h("h1", { tabindex: "-1" }, text);
