// Light and dark: as the system has it, or as was chosen.

/** @returns {string} `auto`, `light` or `dark` */
export const appearance = () => localStorage.getItem("appearance") ?? "auto";

/** @param {string} choice */
export function appear(choice) {
  localStorage.setItem("appearance", choice);
  document.documentElement.dataset.appearance = choice;
}
