// The AsyncAPI document in its viewer.
const place = document.getElementById("ui");
const patience = setTimeout(() => {
  document.getElementById("missing").hidden = false;
}, 4000);
customElements.whenDefined("asyncapi-viewer").then(() => {
  clearTimeout(patience);
  document.getElementById("missing").hidden = true;
  // Each event has an example at both doors: for screen readers they need names of their own.
  const mend = () => {
    for (const each of place.shadowRoot.querySelectorAll("aside[aria-label]:not([data-named])")) {
      each.dataset.named = "";
      const whole = each.closest("[id]")?.id.split("--").at(-1) ?? "";
      each.setAttribute("aria-label", `${each.getAttribute("aria-label")} ${whole}`);
    }
  };
  const watch = () => {
    new MutationObserver(mend).observe(place.shadowRoot, { childList: true, subtree: true });
    mend();
  };
  if (place.shadowRoot) watch();
});
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => place.setAttribute("theme", dark.matches ? "dark" : "light");
dark.addEventListener("change", follow);
follow();
