// One message of any kind as a row of the chat.

import { card } from "./card.js";
import { anchor, el, safeAddress } from "./dom.js";
import { fileAddress } from "./server.js";
import { fromBot, markdown, plain } from "./words.js";

const TINTS = 8;

export function avatar(name) {
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return el(`span.avatar.tint-${sum % TINTS}`, { "aria-hidden": "true", text: [...name].at(-1) ?? "" });
}

export const robot = () => el("span.avatar.robot", { "aria-hidden": "true" });

// `view`: platform, owner (the phone's name), group, draft, ontap.
export function bubble(message, view) {
  if (message.recalled) return el("p.system", { text: `${message.mine ? "你" : author(message)}撤回了一条消息` });
  if (message.kind === "system") return el("p.system", { text: message.text });
  const face = message.mine ? avatar(view.owner) : message.author && view.group && !isBot(message) ? avatar(message.author) : robot();
  const name = view.group && !message.mine ? el("p.author", { text: author(message) }) : null;
  const read = message.mine && message.read ? el("span.read", { text: "已读" }) : null;
  return el(`div.row.${message.mine ? "mine" : "theirs"}`, {}, face, el("div.said", {}, name, content(message, view), read));
}

const author = (message) => message.author || "机器人";
const isBot = (message) => /助手|机器人|bot/i.test(message.author);

function content(message, view) {
  const draw = KINDS[message.kind] ?? text;
  return draw(message, view);
}

function text(message) {
  return el("div.bubble", {}, message.mine ? plain(message.text) : fromBot(message.text));
}

function link(message) {
  return el("section.card.tile", {},
    el("header.card-head", {}, el("h3", { text: message.title || "链接" })),
    el("div.card-body", {}, message.text ? el("p.card-text", {}, fromBot(message.text)) : null),
    message.url ? anchor(message.buttons[0]?.text || "查看详情", message.url, "a.card-more") : null);
}

function news(message) {
  const article = (entry) => {
    const words = [el("strong", { text: entry.title }), entry.description ? el("small", { text: entry.description }) : null];
    return el("li", {}, frame(entry.picture), el("div", {}, words, entry.url ? anchor("打开", entry.url) : null));
  };
  return el("section.card.tile", {}, el("ol.articles", {}, message.articles.map(article)));
}

// The page may show its own pictures only (strict policy): one from elsewhere is a grey frame.
function frame(address) {
  const own = address && safeAddress(address).startsWith(`${location.origin}/`);
  return own ? el("img", { src: safeAddress(address), alt: "", loading: "lazy" }) : el("span.frame", { "aria-hidden": "true" });
}

function image(message, view) {
  const address = fileAddress(view.platform, message.file_id);
  const picture = el("img", { src: address, alt: message.file_name || "图片" });
  const box = el("a.picture", { href: address, target: "_blank", rel: "noopener noreferrer" }, picture);
  picture.addEventListener("error", () => box.replaceWith(file(message, view)));
  return box;
}

function file(message, view) {
  const name = message.file_name || WORDS[message.kind] || "文件";
  const ending = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1] ?? "";
  const label = [el("span.ending", { "aria-hidden": "true", text: ending.toUpperCase() || WORDS[message.kind] || "文件" }),
    el("span.file-name", { text: name })];
  if (!message.file_id) return el("div.file", {}, label);
  return el("a.file", { href: fileAddress(view.platform, message.file_id), download: name }, label);
}

function urgent(message) {
  return el("section.card.urgent", {},
    el("header.card-head", {}, el("div.card-band", {}, el("h3", { text: message.title || "紧急提醒" }))),
    el("div.card-body", {}, el("p.card-text", { text: message.text }), message.note ? el("p.card-note", { text: message.note }) : null));
}

const WORDS = { voice: "语音", video: "视频", image: "图片", file: "文件" };

const KINDS = {
  text,
  markdown: (message) => el("div.bubble", {}, markdown(message.text)),
  link, news, image, file, urgent,
  voice: file,
  video: file,
  card,
};
