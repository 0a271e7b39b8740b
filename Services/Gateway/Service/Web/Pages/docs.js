// The OpenAPI document in Swagger UI, in the page's own scheme of colours.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// For screen readers its headings follow on ours, and its parts have names.
const parts = { ".information-container": "About", ".filter": "Filter" };
const place = document.getElementById("ui");
const mend = () => {
  for (const each of place.querySelectorAll("h3.opblock-tag, .models h4")) each.setAttribute("aria-level", "2");
  for (const [selector, name] of Object.entries(parts)) {
    const part = place.querySelector(selector)?.closest("section, .filter, .wrapper") ?? null;
    part?.setAttribute("role", "region");
    part?.setAttribute("aria-label", name);
  }
};
new MutationObserver(mend).observe(place, { childList: true, subtree: true });

if (typeof SwaggerUIBundle === "function") {
  SwaggerUIBundle({
    url: "/openapi.json",
    domNode: place,
    // Links within buttons cannot be reached with the keyboard.
    deepLinking: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    withCredentials: true,
  });
} else {
  document.getElementById("missing").hidden = false;
}
