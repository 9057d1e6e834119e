// Texts as the clients draw them: addresses become links, and the little Markdown that both platforms know.

import { anchor, el } from "./dom.js";

const ADDRESS = /(https?:\/\/[^\s<>"'，。；、（）《》]+)/;
const TAGGED = /<a\s+href=["']([^"']+)["']\s*>([^<]*)<\/a>/; // WeCom's text message has this one tag
const INLINE = [
  [/!\[([^\]]*)\]\(([^)\s]+)\)/, (m) => anchor(m[1] || "图片", m[2])],
  [/\[([^\]]+)\]\(([^)\s]+)\)/, (m) => anchor(m[1], m[2])],
  [/\*\*([^*]+)\*\*/, (m) => el("strong", { text: m[1] })],
  [/`([^`]+)`/, (m) => el("code", { text: m[1] })],
  [/<font color=["']?([#\w]+)["']?>([^<]*)<\/font>/, (m) => el(`span.ink-${m[1].replace(/\W/g, "")}`, { text: m[2] })],
  [/<@([^>]+)>/, (m) => el("span.mention", { text: `@${m[1]}` })],
  [ADDRESS, (m) => anchor(m[1], m[1])],
];
const PLAIN = [[ADDRESS, (m) => anchor(m[1], m[1])]];
const TEXT = [[TAGGED, (m) => anchor(m[2], m[1])], ...PLAIN];

// Splits `text` at the earliest match of any rule, over and over.
function pieces(text, rules) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const hits = rules.map(([pattern, make]) => [pattern.exec(rest), make]).filter(([match]) => match);
    if (!hits.length) break;
    const [match, make] = hits.reduce((first, other) => (other[0].index < first[0].index ? other : first));
    if (match.index) nodes.push(rest.slice(0, match.index));
    nodes.push(make(match));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

export const plain = (text) => pieces(text, PLAIN);
export const fromBot = (text) => pieces(text, TEXT);

export function markdown(text) {
  const box = el("div.markdown");
  for (const raw of text.split("\n")) box.append(...line(raw.trimEnd(), box));
  return box;
}

function line(text, box) {
  if (!text.trim()) return [];
  const heading = /^#{1,6}\s+(.*)$/.exec(text);
  if (heading) return [el("p.heading", {}, pieces(heading[1], INLINE))];
  const quote = /^>\s?(.*)$/.exec(text);
  if (quote) return [el("blockquote", {}, pieces(quote[1], INLINE))];
  const item = /^\s*(?:[-*]|\d+[.、])\s+(.*)$/.exec(text);
  if (!item) return [el("p", {}, pieces(text, INLINE))];
  const ordered = /^\s*\d/.test(text);
  if (ordered) return [el("p.item", {}, pieces(text.trim(), INLINE))];
  const entry = el("li", {}, pieces(item[1], INLINE));
  if (box.lastElementChild?.tagName === "UL") {
    box.lastElementChild.append(entry);
    return [];
  }
  return [el("ul", {}, entry)];
}
