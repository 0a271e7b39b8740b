// Texts of people: shown as they are, with their addresses as links, never as HTML.
import { h } from "./dom.js";
import { number, t } from "./texts.js";

/** An address up to white space, quotes and brackets, as long as addresses are. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"“”„«»`]{1,2000}/giu;
/** Signs that end a sentence and are not of an address; brackets are of it where they were opened in it. */
const ENDINGS = new Set(".,;:!?'’*_~");
const CLOSING = { ")": "(", "]": "[", "}": "{" };

/**
 * @param {string} text
 * @returns {Node[]}
 */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, index = 0 } of text.matchAll(ADDRESS)) {
    const address = whole(found);
    if (!isAddress(address)) continue;
    nodes.push(text.slice(end, index), h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, address));
    end = index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes.map((node) => (typeof node === "string" ? document.createTextNode(node) : node));
}

/**
 * Without what ends the sentence, and without a bracket that was opened before the address.
 * @param {string} found
 */
function whole(found) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const sign of found) if ("()[]{}".includes(sign)) counts[sign] = (counts[sign] ?? 0) + 1;
  let end = found.length;
  for (; end > 0; end--) {
    const sign = found[end - 1];
    const opening = /** @type {Record<string, string>} */ (CLOSING)[sign];
    if (opening && counts[sign] > (counts[opening] ?? 0)) counts[sign]--;
    else if (!ENDINGS.has(sign)) break;
  }
  return found.slice(0, end);
}

/** @param {string} text */
function isAddress(text) {
  try { return /^https?:$/.test(new URL(text).protocol); } catch { return false; }
}

/**
 * How many characters the interface counts: Unicode scalars.
 * @param {string} text
 */
export const length = (text) => [...text].length;

/**
 * How many characters are left, and how that is said: when few are, or too many are written.
 * @param {string} text
 * @param {number} limit
 */
export function remaining(text, limit) {
  const left = limit - length(text);
  return { left, said: left < limit / 10 ? t(left < 0 ? "write.over" : "write.left", { count: number(Math.abs(left)) }) : "" };
}

/**
 * Whether nothing of it can be seen.
 * @param {string} text
 */
export const isBlank = (text) => !/[^\s\p{Cf}\u115f\u1160\u3164\uffa0\u2800]/u.test(text);

/**
 * The first line of something long, or as much of it as there is room for.
 * @param {string} text
 * @param {number} [limit]
 */
export function brief(text, limit = 160) {
  const line = text.trim().replace(/\s+/gu, " ");
  const characters = [...line];
  return characters.length > limit ? `${characters.slice(0, limit).join("")} …` : line;
}
