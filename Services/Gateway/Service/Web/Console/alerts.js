// What is said when nobody looks: how much is unread in the page's title, and notifications for whoever asked for them.
import { brief } from "./text.js";
import { t } from "./texts.js";

/** Whether this browser can, and what was said: `unsupported`, `denied`, `off` or `on`. */
export function notifying() {
  if (!("Notification" in window)) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && localStorage.getItem("notify") === "on" ? "on" : "off";
}

/**
 * Turned on only when somebody asks for it, for then the browser asks back.
 * @param {boolean} isOn
 */
export async function notify(isOn) {
  if (isOn && "Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  localStorage.setItem("notify", isOn ? "on" : "off");
  return notifying();
}

let title = "Orderline";
let count = "";

/** @param {string} [text] the title of the view */
export function titled(text) {
  if (text !== undefined) title = text;
  document.title = count ? `(${count}) ${title}` : title;
}

/**
 * @param {import("./store.js").Store} store
 * @param {(orderId: string) => string} address where an order is
 */
export function alert(store, address) {
  const { signal } = store.stopping;
  store.addEventListener("unread", () => {
    const number = store.unread.size;
    count = number ? `${number}${store.isUnreadMore ? "+" : ""}` : "";
    titled();
  }, { signal });
  signal.addEventListener("abort", () => { count = ""; titled(); });
  /**
   * @param {string} head
   * @param {string} body
   * @param {string} orderId
   */
  const say = (head, body, orderId) => {
    if (document.visibilityState === "visible" || notifying() !== "on") return;
    // Tabs say the same: the same tag is one notification.
    const shown = new Notification(head, { body, tag: orderId });
    shown.onclick = () => {
      focus();
      location.hash = address(orderId);
      shown.close();
    };
  };
  store.addEventListener("message", (event) => {
    /** @type {import("./orderline.js").RoomFacts} */
    const { lastMessage, orderId } = /** @type {CustomEvent} */ (event).detail;
    if (lastMessage) say(lastMessage.sender.name, brief(lastMessage.content), orderId);
  }, { signal });
  store.addEventListener("placed", (event) => {
    /** @type {import("./orderline.js").Order} */
    const order = /** @type {CustomEvent} */ (event).detail;
    say(t("notify.placed", { number: order.number }), `${order.owner.name}: ${brief(order.description)}`, order.id);
  }, { signal });
}
