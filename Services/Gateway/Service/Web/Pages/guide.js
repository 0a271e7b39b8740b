// The snippets name the gateway that the reader came to.
for (const place of document.querySelectorAll(".origin")) place.textContent = location.origin;
