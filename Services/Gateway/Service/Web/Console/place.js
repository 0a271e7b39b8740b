// Placing an order, and changing it while it is in review.
import { dialog, once } from "./dialog.js";
import { fill, h } from "./dom.js";
import { Form } from "./forms.js";
import { draft } from "./kept.js";
import { difference } from "./order.js";
import { Problem, uuid } from "./orderline.js";
import { go, heading, idIn } from "./router.js";
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

/** @typedef {{ values: Record<string, any>, text: string, rows: object, isRows: boolean, key: string, sent: string, base: Partial<Order> }} Entered what was entered, of which order, and under which key it was asked for */

/**
 * The form, and the choice between text and rows. What was entered is kept until it has been sent, also when the page or
 * the session ends.
 * @param {object} about
 * @param {Partial<Order>} about.order
 * @param {string} about.submit
 * @param {ReturnType<typeof draft>} about.kept
 * @param {(fields: any, key: string, base: any) => Promise<string | void>} about.send told under which key, the same for the same fields, and as what the order was when it was begun to be changed
 */
function orderForm({ order, submit, kept, send }) {
  const place = h("div", {});
  /** @type {Entered} */
  let now = {
    values: order, text: typeof order.specifications === "string" ? order.specifications : "", rows: typeof order.specifications === "object" ? order.specifications : {},
    isRows: typeof order.specifications === "object", key: uuid(), sent: "", base: order,
  };
  let isRestored = false;
  try {
    const before = JSON.parse(kept.get() || "{}");
    isRestored = Boolean(before.base);
    if (isRestored) now = { ...now, ...before };
  } catch { /* Another version kept it. */ }

  /** @type {Form} */
  let made;
  const remember = () => {
    now.values = made.values;
    if (now.isRows) now.rows = now.values.specifications;
    else now.text = now.values.specifications;
    kept.put(JSON.stringify(now));
  };
  const show = () => {
    const { values, isRows } = now;
    made = new Form({
      fields: fields({ .../** @type {any} */ (values), specifications: isRows ? now.rows : now.text }, isRows), submit,
      async send(entries) {
        const asked = entered(entries);
        const text = JSON.stringify(asked);
        // The same is asked for under the same key, however often; another one has another key.
        if (text !== now.sent) [now.key, now.sent] = [uuid(), text];
        remember();
        return send(asked, now.key, now.base);
      },
    });
    made.element.addEventListener("input", remember);
    const other = h("button", {
      type: "button", class: "quiet",
      onclick() {
        remember();
        now.isRows = !now.isRows;
        show();
        /** @type {HTMLElement | null} */ (place.querySelector(now.isRows ? ".pairs input" : "[name=specifications]"))?.focus();
      },
    }, t(isRows ? "field.specifications.text" : "field.specifications.rows"));
    made.fields.get("specifications")?.element.append(h("p", { class: "choice" }, other));
    fill(place, notice, made.element);
  };
  const fresh = () => {
    kept.put("");
    place.replaceWith(orderForm({ order, submit, kept, send }));
  };
  const notice = isRestored && h("p", { class: "callout", role: "status" }, t("place.restored"), " ", h("button", { type: "button", class: "quiet small", onclick: fresh }, t("talk.discard")));
  show();
  return place;
}

/**
 * @param {import("./store.js").Store} store
 * @returns {import("./router.js").Route}
 */
export const placeView = (store) => ({
  show() {
    const kept = draft("order", store.client.user?.id ?? "", "new");
    let isLeft = false;
    const content = orderForm({
      order: {}, submit: t("place.submit"), kept,
      async send(fields, key) {
        const order = await store.client.placeOrder(fields, { key });
        store.keepOrder(order);
        kept.put("");
        if (!isLeft) go(`/orders/view?id=${order.id}`);
      },
    });
    return {
      title: t("orders.new"),
      element: h(
        "section", { class: "sheet" },
        h("p", {}, h("a", { class: "back", href: "#/orders" }, t("orders.back"))), heading(t("orders.new")), h("p", { class: "lead" }, t("place.lead")), content,
      ),
      leave() { isLeft = true; },
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
    const id = idIn(query);
    const kept = draft("order", store.client.user?.id ?? "", id);
    let isLeft = false;
    const content = h("div", {}, h("p", { class: "quiet-text" }, t("loading")));
    const back = `/orders/view?id=${id}`;

    async function load() {
      try {
        const order = await store.order(id, true);
        if (!isLeft) begin(order);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        fill(content, h("p", { role: "alert" }, problemText(error)));
      }
    }

    /** @param {Order} order what it was when the form was filled */
    function begin(order) {
      if (order.status !== "Review") return fill(content, h("p", {}, problemText(new Problem({ code: "order-not-editable" }))));
      fill(content, orderForm({ order, submit: t("edit.submit"), kept, send: (fields, _, base) => send(base, fields) }));
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
      if (!Object.keys(changes).length) return done();
      try {
        store.keepOrder(await store.client.updateOrder(order, changes));
        done();
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "version-mismatch") throw error;
        const now = await store.order(id, true);
        if (!isLeft) moved(order, now, changes);
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
        const button = h("button", { type: "button", class: "primary", onclick: () => once(button, notice, keep) }, t("edit.keepMine"));
        const keep = async () => {
          try {
            store.keepOrder(await store.client.updateOrder(now, mine));
            shut();
            done();
          } catch (error) {
            if (!(error instanceof Problem) || error.code !== "version-mismatch") throw error;
            const next = await store.order(id, true);
            shut();
            if (!isLeft) moved(before, next, mine);
          }
        };
        return [
          h("p", {}, t(now.status === "Review" ? "edit.moved.text" : "edit.moved.over")),
          theirs.length > 0 && h("h3", {}, t("edit.theirs")), ...theirs.map((name) => difference(tOr("field", name, { detail: name }), before[name], now[name])),
          h("h3", {}, t("edit.mine")), ...Object.entries(mine).map(([name, value]) => difference(tOr("field", name, { detail: name }), now[/** @type {keyof Order} */ (name)], value)),
          notice,
          h(
            "p", { class: "actions" },
            now.status === "Review" && button,
            h("button", { type: "button", onclick: () => { kept.put(""); shut(); begin(now); } }, t("edit.keepTheirs")),
          ),
        ];
      });
    }

    function done() {
      kept.put("");
      if (!isLeft) go(back);
    }

    load();
    return { title: t("edit.title"), leave() { isLeft = true; }, element: h("section", { class: "sheet" }, h("p", {}, h("a", { class: "back", href: `#${back}` }, t("edit.back"))), heading(t("edit.title")), content) };
  },
});
