// Closing a conversation with a summary.
import { LIMIT } from "./composer.js";
import { dialog, once } from "./dialog.js";
import { fill, fresh, h } from "./dom.js";
import { draft } from "./kept.js";
import { Problem, uuid } from "./orderline.js";
import { isBlank, length, linked, remaining } from "./text.js";
import { date, t } from "./texts.js";

/**
 * @param {import("./store.js").Store} store
 * @param {import("./orderline.js").Order} order
 */
export function close(store, order) {
  const { client } = store;
  const kept = draft("summary", client.user?.id ?? "", order.id);
  // The same closing, however often it is asked for; another summary is another one.
  let key = uuid();
  dialog(t("close.title", { number: order.number }), (shut) => {
    const id = fresh();
    /** @type {HTMLTextAreaElement} */
    const input = h("textarea", { id, rows: "5", dir: "auto", value: kept.get(), "aria-describedby": `${id}-hint ${id}-count`, oninput: changed });
    const preview = h("div", { class: "content", dir: "auto" });
    const count = h("p", { class: "hint", id: `${id}-count`, role: "status" });
    const notice = h("div", { class: "fault", role: "alert" });
    const button = h("button", { type: "button", class: "primary", onclick: () => once(button, notice, submit) }, t("close.submit"));

    function changed() {
      kept.put(input.value);
      key = uuid();
      fill(count, remaining(input.value, LIMIT).said);
      fill(preview, isBlank(input.value) ? h("span", { class: "quiet-text" }, t("close.preview.empty")) : linked(input.value));
    }

    async function submit() {
      if (isBlank(input.value) || length(input.value) > LIMIT) {
        fill(notice, t(isBlank(input.value) ? "close.needs" : "close.long"));
        return input.focus();
      }
      try {
        store.keepRoom(await client.room(order.id).close(input.value, { key }));
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "room-closed") throw error;
        // Another Admin was faster: theirs is what stands.
        const room = await store.room(order.id, true);
        button.hidden = true;
        fill(notice, h("p", {}, t("close.taken", { name: room.closedBy?.name ?? "", time: date(room.closedAt ?? order.updatedAt) })), h("div", { class: "content summary-box", dir: "auto" }, linked(room.summary ?? "")));
        return;
      }
      kept.put("");
      shut();
    }

    setTimeout(() => { changed(); input.focus(); });
    return [
      h("p", {}, t("close.lead")),
      h("ul", { class: "effects" }, h("li", {}, t("close.effect.read", { name: order.owner.name })), h("li", {}, t("close.effect.status")), h("li", {}, t("close.effect.final"))),
      h("label", { for: id }, t("talk.summary")), input, h("p", { class: "hint", id: `${id}-hint` }, t("close.hint")), count,
      h("section", { class: "preview", "aria-label": t("close.preview") }, h("p", { class: "summary-label" }, t("close.preview")), preview),
      notice, h("p", { class: "actions" }, button, h("button", { type: "button", onclick: shut }, t("cancel"))),
    ];
  });
}
