// One card, drawn the way its platform draws it. What somebody chose or typed is kept outside the nodes, so that an update
// of the card does not lose it.

import { anchor, el } from "./dom.js";
import { fromBot, markdown } from "./words.js";

const TONES = ["neutral", "waiting", "good", "bad"];
const tone = (message) => `tone-${TONES.includes(message.tone) ? message.tone : "neutral"}`;

// `draft` is a Map key -> [values] that belongs to this card; `ontap(button, values)` acts.
export function card(message, { platform, draft, ontap }) {
  const body = [
    message.big ? big(message.big) : null,
    message.quote ? el("blockquote.card-quote", { text: message.quote }) : null,
    message.text ? text(message.text, platform) : null,
    fields(message.fields),
    message.choices.map((choice) => chooser(choice, draft)),
    message.inputs.map(([key, title]) => input(key, title, draft)),
    message.note ? el("p.card-note", { text: message.note }) : null,
  ];
  const foot = [closed(message), buttons(message, draft, ontap), more(message)];
  const head = platform === "wecom" ? wecomHead(message) : bandHead(message);
  return el(`section.card.${platform}.${tone(message)}`, { "aria-label": `卡片：${message.title}` },
    head, el("div.card-body", {}, body), foot);
}

function wecomHead(message) {
  return el("header.card-head", {},
    message.source_line ? el("p.card-source", { text: message.source_line }) : null,
    el("h3", { text: message.title }),
    message.subtitle ? el("p.card-sub", { text: message.subtitle }) : null);
}

function bandHead(message) {
  return el("header.card-head", {},
    el("div.card-band", {},
      el("h3", { text: message.title }),
      message.state && message.state.length <= 6 ? el("span.card-tag", { text: message.state }) : null),
    message.source_line ? el("p.card-source", { text: message.source_line }) : null,
    message.subtitle ? el("p.card-sub", { text: message.subtitle }) : null);
}

// DingTalk's action cards carry Markdown.
const text = (words, platform) =>
  platform === "dingtalk" ? el("div.card-text", {}, markdown(words)) : el("p.card-text", {}, fromBot(words));

const big = ([value, caption]) =>
  el("p.card-big", {}, el("strong", { text: value }), el("span", { text: caption }));

function fields(list) {
  if (!list.length) return null;
  const rows = list.map((field) =>
    el("div", {}, el("dt", { text: field.name }),
      el("dd", {}, field.url ? anchor(field.value, field.url) : field.value)));
  return el("dl.card-fields", {}, rows);
}

function chooser(choice, draft) {
  if (!draft.has(choice.key)) draft.set(choice.key, [...choice.selected]);
  return choice.many ? boxes(choice, draft) : dropDown(choice, draft);
}

function dropDown(choice, draft) {
  const chosen = draft.get(choice.key)[0] ?? "";
  const options = choice.options.map(([id, text]) => el("option", { value: id, text, selected: id === chosen }));
  if (!chosen) options.unshift(el("option", { value: "", text: "请选择", selected: true }));
  const select = el("select", { disabled: choice.disabled, "data-key": choice.key }, options);
  select.addEventListener("change", () => draft.set(choice.key, select.value ? [select.value] : []));
  return el("label.card-input", {}, el("span", { text: choice.title }), select);
}

function boxes(choice, draft) {
  const chosen = new Set(draft.get(choice.key));
  const box = ([id, text]) =>
    el("label.card-box", {},
      el("input", {
        type: "checkbox", checked: chosen.has(id), disabled: choice.disabled,
        onchange: (event) => {
          if (event.target.checked) chosen.add(id);
          else chosen.delete(id);
          draft.set(choice.key, [...chosen]);
        },
      }), text);
  return el("fieldset.card-boxes", {}, el("legend", { text: choice.title }), choice.options.map(box));
}

function input(key, title, draft) {
  const field = el("input", { type: "text", placeholder: `填写${title}`, "data-key": key, value: draft.get(key)?.[0] ?? "" });
  field.addEventListener("input", () => draft.set(key, field.value ? [field.value] : []));
  return el("label.card-input", {}, el("span", { text: title }), field);
}

const closed = (message) => (message.state ? el("p.card-state", {}, el("i"), message.state) : null);

function buttons(message, draft, ontap) {
  // A closed card's only grey button often repeats the state line: once is enough.
  const shown = message.buttons.filter((button) => !(button.dead && (message.state || "").includes(button.text)));
  if (!shown.length) return null;
  const drawn = shown.map((button) => (opens(button) ? anchor(button.text, button.url, "a.card-button.plain") : press(button)));
  return el("div.card-buttons", {}, drawn);

  function press(button) {
    const style = ["primary", "danger"].includes(button.style) ? button.style : "plain";
    return el(`button.card-button.${style}`, {
      type: "button", text: button.text, disabled: button.dead, "data-button": button.id,
      onclick: (event) => ontap(button, values(message, draft), event.currentTarget),
    });
  }
}

// A page opens in the browser; the client's own addresses (dtmd:) are an act for the fake.
const opens = (button) => !button.dead && /^https?:/.test(button.url);

// Only what the card still asks for, and only what has a value.
function values(message, draft) {
  const keys = [...message.choices.map((choice) => choice.key), ...message.inputs.map(([key]) => key)];
  return Object.fromEntries(keys.map((key) => [key, draft.get(key) ?? []]).filter(([, list]) => list.length));
}

const more = (message) => (message.url ? anchor("查看详情", message.url, "a.card-more") : null);
