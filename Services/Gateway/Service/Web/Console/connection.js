// Says when what is shown may be old, and when it is live again.
import { fill, h } from "./dom.js";
import { t } from "./texts.js";

/** So long may a connection be away before anybody is told: a gateway that restarts is not noticed (milliseconds). */
const PATIENCE = 3_000;
/** So long is said that it is back. */
const SHOWN = 4_000;

/**
 * @param {import("./orderline.js").Client} client
 * @param {HTMLElement} element where it is said
 */
export function watchConnection(client, element) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isTold = false;
  const lost = () => {
    if (client.isConnected || !client.user) return;
    isTold = true;
    element.className = "connection lost";
    fill(element, h("strong", {}, t(navigator.onLine === false ? "connection.offline" : "connection.lost")), " ", t("connection.old"));
  };
  const changed = () => {
    clearTimeout(timer);
    if (!client.user) return hide();
    if (!client.isConnected) {
      timer = setTimeout(lost, PATIENCE);
      return;
    }
    if (!isTold) return;
    isTold = false;
    element.className = "connection live";
    fill(element, t("connection.live"));
    timer = setTimeout(hide, SHOWN);
  };
  function hide() {
    isTold = false;
    element.className = "connection";
    fill(element);
  }
  client.addEventListener("connection", changed);
  client.addEventListener("sessionEnded", () => { clearTimeout(timer); hide(); });
  return changed;
}
