// Placing an order, and changing it while it is in review.
import { dialog } from "./dialog.js";
import { fill, h } from "./dom.js";
import { form } from "./forms.js";
import { difference } from "./order.js";
import { Problem } from "./orderline.js";
import { go, heading } from "./router.js";
import { problemText, t, tOr } from "./texts.js";

/** @typedef {import("./orderline.js").Order} Order */
/** @typedef {import("./orderline.js").OrderFields} OrderFields */

/**
 * The fields of an order; the specifications are a text or rows of names and values.
 * @param {Partial<OrderFields>} order
 * @param {boolean} isRows
 * @returns {import("./forms.js").Field[]}
 */
const fields = ({ description = "", specifications = "", quantity = 1, metadata }, isRows) => [
  { name: "description", label: t("field.description"), type: "textarea", value: description, hint: t("field.description.hint"), limit: 2_000 },
  isRows
    ? { name: "specifications", label: t("field.specifications"), type: "pairs", value: typeof specifications === "object" ? specifications : {}, hint: t("field.specifications.rows.hint") }
    : { name: "specifications", label: t("field.specifications"), type: "textarea", value: typeof specifications === "string" ? specifications : "", hint: t("field.specifications.hint"), limit: 16_384 },
  { name: "quantity", label: t("field.quantity"), type: "number", value: quantity },
  { name: "metadata", label: t("field.metadata"), type: "pairs", value: metadata ?? {}, hint: t("field.metadata.hint"), isOptional: true },
];

/**
 * What was entered as the interface wants it.
 * @param {Record<string, any>} values
 */
function entered({ description, specifications, quantity, metadata }) {
  if (!/^\d+$/.test(quantity.trim())) throw new Problem({ code: "validation-failed", errors: [{ field: "quantity", code: "integer", message: "" }] });
  return { description, specifications, quantity: Number(quantity), metadata: Object.keys(metadata).length ? metadata : null };
}

/**
 * The form, and the choice between text and rows, which keeps what else was entered.
 * @param {Partial<OrderFields>} order
 * @param {string} submit
 * @param {(fields: any) => Promise<string | void>} send
 */
function orderForm(order, submit, send) {
  const place = h("div", {});
  const show = (/** @type {Partial<OrderFields>} */ now, /** @type {boolean} */ isRows) => {
    const made = form({ fields: fields(now, isRows), submit, send: (values) => send(entered(values)) });
    const other = h("button", {
      type: "button", class: "quiet",
      onclick() {
        /** @param {string} name */
        const value = (name) => /** @type {HTMLInputElement | null} */ (made.querySelector(`[name=${name}]`))?.value;
        show({ ...now, description: value("description"), quantity: Number(value("quantity")) || 1 }, !isRows);
        /** @type {HTMLElement | null} */ (place.querySelector(isRows ? "[name=specifications]" : ".pairs input"))?.focus();
      },
    }, t(isRows ? "field.specifications.text" : "field.specifications.rows"));
    made.querySelector(isRows ? "fieldset" : "[name=specifications]")?.closest(".field")?.append(h("p", { class: "choice" }, other));
    fill(place, made);
  };
  show(order, typeof order.specifications === "object");
  return place;
}

/**
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const placeView = (store) => ({
  show() {
    // The same order is placed once, however often it is asked for; another one has another key.
    let key = crypto.randomUUID(), last = "";
    return {
      title: t("orders.new"),
      element: h(
        "section", { class: "sheet" },
        h("p", {}, h("a", { class: "back", href: "#/orders" }, t("orders.back"))), heading(t("orders.new")), h("p", { class: "lead" }, t("place.lead")),
        orderForm({}, t("place.submit"), async (fields) => {
          const now = JSON.stringify(fields);
          if (now !== last) [key, last] = [crypto.randomUUID(), now];
          const order = await store.client.placeOrder(fields, { key });
          store.keepOrder(order);
          go(`/orders/view?id=${order.id}`);
        }),
      ),
    };
  },
});

/** @type {(keyof OrderFields)[]} */
const NAMES = ["description", "specifications", "quantity", "metadata"];

/**
 * @param {any} one
 * @param {any} other
 */
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const editView = (store) => ({
  show({ query }) {
    const id = query.get("id") ?? "";
    const content = h("div", {}, h("p", { class: "quiet-text" }, t("loading")));
    const back = `/orders/view?id=${id}`;

    async function load() {
      try {
        begin(await store.order(id, true));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        fill(content, h("p", { role: "alert" }, problemText(error)));
      }
    }

    /** @param {Order} order what it was when the form was filled */
    function begin(order) {
      if (order.status !== "Review") return fill(content, h("p", {}, problemText(new Problem({ code: "order-not-editable" }))));
      fill(content, orderForm(order, t("edit.submit"), (fields) => send(order, fields)));
    }

    /**
     * @param {Order} order
     * @param {any} fields
     * @returns {Promise<string | void>}
     */
    async function send(order, fields) {
      /** @type {Record<string, any>} */
      const changes = {};
      for (const name of NAMES) if (!isSame(fields[name], order[name] ?? null)) changes[name] = fields[name];
      if (!Object.keys(changes).length) return go(back);
      try {
        store.keepOrder(await store.client.updateOrder(order, changes));
        go(back);
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "version-mismatch") throw error;
        moved(order, await store.order(id, true), changes);
        return t("edit.moved");
      }
    }

    /**
     * Somebody, in another window, was faster: what is different is shown, and one says what is to stand.
     * @param {Order} before
     * @param {Order} now
     * @param {Record<string, any>} mine
     */
    function moved(before, now, mine) {
      const theirs = NAMES.filter((name) => !isSame(before[name], now[name]));
      dialog(t("edit.moved.title"), (shut) => {
        const notice = h("p", { class: "fault", role: "alert" });
        const keep = async () => {
          try {
            store.keepOrder(await store.client.updateOrder(now, mine));
            shut();
            go(back);
          } catch (error) {
            if (!(error instanceof Problem)) throw error;
            if (error.code !== "version-mismatch") return fill(notice, problemText(error));
            shut();
            moved(before, await store.order(id, true), mine);
          }
        };
        return [
          h("p", {}, t(now.status === "Review" ? "edit.moved.text" : "edit.moved.over")),
          theirs.length > 0 && h("h3", {}, t("edit.theirs")), ...theirs.map((name) => difference(tOr("field", name, { detail: name }), before[name], now[name])),
          h("h3", {}, t("edit.mine")), ...Object.entries(mine).map(([name, value]) => difference(tOr("field", name, { detail: name }), now[/** @type {keyof Order} */ (name)], value)),
          notice,
          h(
            "p", { class: "actions" },
            now.status === "Review" && h("button", { type: "button", class: "primary", onclick: keep }, t("edit.keepMine")),
            h("button", { type: "button", onclick: () => { shut(); begin(now); } }, t("edit.keepTheirs")),
          ),
        ];
      });
    }

    load();
    return { title: t("edit.title"), element: h("section", { class: "sheet" }, h("p", {}, h("a", { class: "back", href: `#${back}` }, t("edit.back"))), heading(t("edit.title")), content) };
  },
});
