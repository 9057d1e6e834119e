// The wire made visible: one line per callback or API call, both forms side by side when opened.

import { el, find, toast } from "./dom.js";
import { platformName, seconds } from "./office.js";
import { wireLine } from "./server.js";

const KEPT = 400; // lines on the page

export class Wire {
  constructor() {
    this.last = new Map(); // platform -> number of its newest line
    this.held = []; // lines that came while paused
    this.paused = false;
    this.list = find("wire-lines");
    this.pinned = true;
    this.list.addEventListener("scroll", () => {
      this.pinned = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    });
    find("wire-filter").addEventListener("change", () => this.filter());
    find("wire-pause").addEventListener("click", () => this.pause());
    find("wire-clear").addEventListener("click", () => this.clear());
  }

  platforms(names) {
    const select = find("wire-filter");
    if (select.options.length > 1) return;
    select.append(...names.map((name) => el("option", { value: name, text: platformName(name) })));
  }

  // Whole list of a state: only what is not here yet.
  fill(lines) {
    for (const line of lines) if (line.number > (this.last.get(line.platform) ?? 0)) this.add(line);
  }

  // True when lines are missing between this one and the last: the page then asks for the whole state.
  add(line) {
    const last = this.last.get(line.platform) ?? 0;
    if (line.number <= last) return false;
    this.last.set(line.platform, line.number);
    if (this.paused) this.held.push(line);
    else this.append(line);
    this.label();
    return last > 0 && line.number > last + 1;
  }

  append(line) {
    this.list.append(row(line, this.wanted(line)));
    while (this.list.children.length > KEPT) this.list.firstElementChild.remove();
    find("wire-last").textContent = `${seconds(Date.parse(line.at))} ${platformName(line.platform)} ${arrow(line)} ${meaning(line)} ${line.name} ${line.status}`;
    if (this.pinned) this.list.scrollTop = this.list.scrollHeight;
  }

  wanted(line) {
    const platform = find("wire-filter").value;
    return !platform || line.platform === platform;
  }

  filter() {
    for (const item of this.list.children) item.hidden = !this.wanted({ platform: item.dataset.platform });
  }

  pause() {
    this.paused = !this.paused;
    if (!this.paused) this.held.splice(0).forEach((line) => this.append(line));
    this.label();
  }

  label() {
    const button = find("wire-pause");
    button.setAttribute("aria-pressed", String(this.paused));
    button.textContent = !this.paused ? "暂停" : this.held.length ? `继续（${this.held.length}）` : "继续";
  }

  clear() {
    this.list.replaceChildren();
    this.held = [];
    find("wire-last").textContent = "";
    this.label();
  }
}

// What a name means, for readers who are not programmers; the first that is part of the name counts.
const MEANINGS = [
  ["template_card_menu_event", "点了卡片菜单"], ["template_card_event", "点了卡片按钮"], ["card/instances/callback", "点了卡片按钮"],
  ["update_template_card", "更新卡片"], ["createAndDeliver", "发出卡片"], ["PUT /v1.0/card/instances", "更新卡片"], ["card/callbacks/register", "登记卡片回调"],
  ["bot/messages/get", "收到消息"], ["gateway/connections/open", "申请长连接"], ["GET /connect", "建立长连接"], ["stream closed", "长连接断开"],
  ["gettoken", "取访问令牌"], ["ccessToken", "取访问令牌"], ["webhook/send", "群机器人发言"], ["robot/send", "群机器人发言"],
  ["appchat/create", "建群"], ["appchat/send", "发群消息"], ["groupMessages/send", "发群消息"], ["oToMessages", "发消息"], ["message/send", "发消息"],
  ["asyncsend", "发工作通知"], ["recall", "撤回消息"], ["/ding", "发 DING"], ["upload", "上传文件"], ["media/get", "下载文件"], ["messageFiles/download", "下载文件"],
  ["calendar_event_change", "日历被改动"], ["modify_schedule", "日历被改动"], ["delete_schedule", "日历被改动"], ["schedule/get", "读日历"],
  ["POST /v1.0/calendar", "写日历"], ["PUT /v1.0/calendar", "写日历"], ["DELETE /v1.0/calendar", "写日历"], ["GET /v1.0/calendar", "读日历"],
  ["oa/schedule", "写日历"], ["oa/calendar", "建日历"], ["enter_agent", "打开了会话"], ["subscribe", "可见范围变化"], ["change_contact", "通讯录变化"], ["getuserinfo", "网页登录"], ["user", "查人员"], ["department", "查部门"],
  ["text", "收到文字"], ["image", "收到图片"], ["file", "收到文件"], ["voice", "收到语音"], ["video", "收到视频"], ["location", "收到位置"], ["verif", "核对回调地址"],
];

const meaning = (line) => MEANINGS.find(([part]) => line.name.includes(part))?.[1] ?? "";

const arrow = (line) => (line.direction === "out" ? "↓" : "↑");
const bad = (line) => /^[45]\d\d|down|lost|refused|error|timeout|errcode (?!0\b)/i.test(line.status);

function row(line, visible) {
  const head = el("button.wire-row", { type: "button", "aria-expanded": "false" },
    el("time", { text: seconds(Date.parse(line.at)) }),
    el(`span.badge.${line.platform}`, { text: platformName(line.platform) }),
    el(`span.arrow.${line.direction}`, { text: arrow(line), title: line.direction === "out" ? "平台回调服务" : "服务调用平台接口" }),
    el("span.wire-name", {}, el("b", { text: meaning(line) }), el("code", { text: line.name })),
    el(`span.wire-status${bad(line) ? ".bad" : ""}`, { text: line.status }));
  const item = el("li", { "data-platform": line.platform, "data-number": String(line.number), hidden: !visible }, head);
  head.addEventListener("click", () => toggle(item, head, line));
  return item;
}

async function toggle(item, head, line) {
  const open = item.querySelector(".wire-detail");
  head.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  try {
    item.append(detail(await wireLine(line.platform, line.number)));
    item.scrollIntoView({ block: "nearest" });
  } catch {
    head.setAttribute("aria-expanded", "false");
    toast("这一条太早了，沙箱里已经不再保留。", "bad");
  }
}

function detail(line) {
  const sealed = line.sealed
    ? part("线路上的样子（密文和签名）", line.sealed)
    : el("div.wire-part", {}, el("h3", { text: "线路上的样子" }), el("p.small", { text: "这一条不另外加密，由 HTTPS 保护，与左边相同。" }));
  return el("div.wire-detail", {}, part("明文", line.plain), sealed, line.answer ? part("回答", line.answer) : null);
}

const part = (title, text) => el("div.wire-part", {}, el("h3", { text: title }), el("pre", { tabindex: "0", text: pretty(text) }));

// Indented for reading; a first line with the query of the call stays as it is.
function pretty(text) {
  if (!text) return "（空）";
  const [first, ...rest] = text.split("\n");
  return json(text) ?? xml(text) ?? [first, pretty2(rest.join("\n"))].filter(Boolean).join("\n");
}

const pretty2 = (text) => (text ? json(text) ?? xml(text) ?? text : "");

function json(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

const PIECES = /<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+/g;

// Only for the eye: an element with words in it stays on one line.
function xml(text) {
  if (!text.trimStart().startsWith("<")) return null;
  let depth = 0, out = "", inside = false;
  for (const piece of text.match(PIECES) ?? []) {
    if (piece.startsWith("</")) {
      depth = Math.max(depth - 1, 0);
      out += inside ? piece : `\n${"  ".repeat(depth)}${piece}`;
      inside = false;
    } else if (piece.startsWith("<") && !piece.startsWith("<!")) {
      out += `\n${"  ".repeat(depth)}${piece}`;
      if (!piece.endsWith("/>")) depth += 1;
      inside = true;
    } else if (piece.trim()) {
      out += piece;
    }
  }
  return out.trim();
}
