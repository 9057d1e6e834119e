// One phone on the table: whose it is, which chat is open, what is in it, and the hand that uses it.

import { robot } from "./bubble.js";
import { el, note } from "./dom.js";
import { Log } from "./log.js";
import { clock, date, platformName, time } from "./office.js";
import { act } from "./server.js";

const PATIENCE = 12000; // milliseconds until a missing answer is called one
const LARGEST = 20 * 1024 * 1024; // bytes
const CALENDAR = "calendar"; // the client's own, where a hand may write 15:00 or 删除
const NOBODY = { id: "", title: "工作助手", group: false, messages: [] };

const toBot = (chat) => !chat.group && chat.id !== CALENDAR;

export class PhoneView {
  // `onmove()` asks the page for the state of another member.
  constructor(place, number, onmove) {
    this.place = place;
    this.number = number;
    this.onmove = onmove;
    this.platform = place.platform;
    this.user = place.user;
    this.chatId = place.chat;
    this.chosen = false; // somebody switched chats by hand
    this.data = null;
    this.members = [];
    this.elsewhere = []; // the other platforms
    this.drafts = new Map(); // message id -> Map(key -> values)
    this.seen = new Map(); // platform:user:chat -> number of messages
    this.waiting = new Map(); // platform:user:chat -> {timer, count, print}
    this.visible = true;
    this.build();
  }

  // ---- drawing ------------------------------------------------------------------------------------------------------

  build() {
    this.role = el("span.role");
    this.member = el("select.member", { "aria-label": "换一个人", onchange: () => this.move(this.member.value) });
    this.hour = el("span.hour");
    this.face = el("span.face");
    this.title = el("strong");
    this.under = el("small");
    this.switch = el("div.chats", { role: "group", "aria-label": "会话" });
    this.log = new Log();
    this.hints = el("div.hints", { role: "group", "aria-label": "试试这些话" });
    this.hints.addEventListener("wheel", (event) => { this.hints.scrollLeft += event.deltaY; }, { passive: true });
    this.screen = el(`div.screen.${this.platform}`, {}, this.statusBar(), this.chatBar(), this.switch,
      this.log.node, this.hints, this.composer());
    this.node = el("article.phone", { id: `phone-${this.number}`, "aria-label": this.place.role, "data-platform": this.platform },
      el("div.caption", {}, this.role, this.member), el("div.device", {}, this.screen));
    this.node.addEventListener("click", (event) => this.browse(event));
  }

  // A link to our own pages, also one through a gateway of the sandbox, opens in this client's web view: the client signs
  // its user in.
  browse(event) {
    const link = event.target.closest("a[href]");
    const url = link && new URL(link.href);
    if (!url || url.hostname !== location.hostname || !url.pathname.startsWith("/office/")) return;
    event.preventDefault();
    const asked = new URLSearchParams({ user: this.user, url: url.pathname + url.search });
    window.open(`/demo/${this.platform}/browse?${asked}`, "_blank", "noopener");
  }

  statusBar() {
    return el("div.status", { "aria-hidden": "true" }, this.hour,
      el("span.signs", {}, el("i.signal"), el("i.wifi"), el("i.battery")));
  }

  chatBar() {
    return el("header.chat-bar", {}, this.face, el("div.chat-name", {}, this.title, this.under));
  }

  composer() {
    this.file = el("input.hidden", { type: "file", tabindex: "-1", "aria-hidden": "true", onchange: () => this.sendFile() });
    this.plus = el("button.plus", { type: "button", "aria-label": "发送图片或文件", text: "+", onclick: () => this.file.click() });
    this.words = el("textarea", {
      rows: "1", "aria-label": "写消息", placeholder: "发消息…", maxlength: "2000", enterkeyhint: "send",
      oninput: () => this.grow(), onkeydown: (event) => this.key(event),
    });
    this.button = el("button.send", { type: "submit", text: "发送" });
    return el("form.composer", { onsubmit: (event) => { event.preventDefault(); this.say(this.words.value); } },
      this.plus, this.file, this.words, this.button);
  }

  // `data` is the phone of the state, `platforms` all with their members, `hints` sentences for the chips.
  draw(data, platforms, hints) {
    this.members = platforms.find((one) => one.platform === this.platform)?.members ?? [];
    this.elsewhere = platforms.filter((one) => one.platform !== this.platform && one.members.length);
    if (data && (data.id !== this.user || data.platform !== this.platform)) return; // an answer to an older question
    this.data = data;
    this.openPlace();
    this.drawCaption();
    this.drawBar();
    this.drawHints(hints);
    this.drawMessages();
    this.tick();
  }

  get chats() {
    const chats = this.data?.chats ?? [];
    const all = chats.some((chat) => !chat.group) ? chats : [NOBODY, ...chats];
    return this.misses(all) ? [...all, { id: this.place.chat, title: this.place.role.split("·")[0], group: true, messages: [] }] : all;
  }

  // WeCom's groups are not on a phone before their first message: the stage's own is there, empty.
  misses(chats) {
    return this.place.chat && this.own && !chats.some((chat) => chat.id === this.place.chat);
  }

  get own() {
    return this.user === this.place.user && this.platform === this.place.platform;
  }

  get chat() {
    const direct = this.chats.filter((chat) => !chat.group);
    return this.chats.find((chat) => chat.id === this.chatId) ?? direct.find((chat) => chat.id === "bot") ?? direct[0];
  }

  openPlace() {
    if (!this.chosen && this.place.chat) this.chatId = this.place.chat;
    this.chatId = this.chat.id;
  }

  drawCaption() {
    const post = this.members.find((member) => member.id === this.user)?.post || "成员";
    this.role.textContent = this.own ? this.place.role : `${post}·${platformName(this.platform)}`;
    const options = this.members.map((member) => [member.id, `${this.fresh(member) ? "● " : ""}${member.name}`]);
    const others = this.elsewhere.map((one) => [one.platform, one.members.map((member) => [member.id, member.name])]);
    const print = JSON.stringify([options, others, this.user]);
    if (print === this.memberPrint || document.activeElement === this.member) return;
    this.memberPrint = print;
    this.member.replaceChildren(
      ...options.map(([value, text]) => el("option", { value, text, selected: value === this.user })),
      ...others.map(([platform, people]) => el("optgroup", { label: platformName(platform) },
        ...people.map(([id, text]) => el("option", { value: `${platform}:${id}`, text })))));
  }

  drawBar() {
    const chat = this.chat;
    this.title.textContent = chat.title || (chat.group ? "群聊" : NOBODY.title);
    this.under.textContent = this.awaits() ? "对方正在输入…" : chat.group ? "群聊" : `${this.data?.name ?? ""}的${platformName(this.platform)}`;
    this.face.replaceChildren(chat.group ? el("span.avatar.crowd", { "aria-hidden": "true" }) : robot());
    this.plus.hidden = !toBot(chat);
    const tabs = this.chats.map((other) => [other.id, other.title || "会话", this.unread(other) && other !== chat, other === chat]);
    const print = JSON.stringify(tabs);
    if (print === this.tabPrint) return;
    this.tabPrint = print;
    this.switch.hidden = tabs.length < 2;
    this.switch.replaceChildren(...tabs.map(([id, title, dot, open]) =>
      el("button", { type: "button", "aria-pressed": String(open), onclick: () => this.enter(id) },
        el("span", { text: title }), dot ? el("i.dot", { role: "img", "aria-label": "有新消息" }) : null)));
  }

  drawHints(hints) {
    this.hints.hidden = !toBot(this.chat);
    const print = JSON.stringify(hints);
    if (print === this.hintPrint) return;
    this.hintPrint = print;
    this.hints.replaceChildren(...hints.map((text) =>
      el("button", { type: "button", text, onclick: () => this.suggest(text) })));
  }

  drawMessages() {
    const chat = this.chat;
    const first = this.log.draw(this.key3(chat.id), chat, (message) => this.viewOf(message));
    this.settle(chat);
    if (this.visible) for (const one of first ? this.chats : [chat]) this.look(one);
  }

  viewOf(message) {
    if (!this.drafts.has(message.id)) this.drafts.set(message.id, new Map());
    return {
      platform: this.platform, owner: this.data.name, group: this.chat.group, draft: this.drafts.get(message.id),
      ontap: (button, values, node) => this.tap(message, button, values, node),
    };
  }

  tick() {
    this.hour.textContent = time(clock.now());
    this.hour.title = date(clock.now());
  }

  show(visible) {
    this.visible = visible;
    this.node.classList.toggle("chosen", visible);
    if (visible && this.data) { this.look(this.chat); this.log.toEnd(); }
  }

  // ---- what has been seen -------------------------------------------------------------------------------------------

  key3(chatId, user = this.user) {
    return `${this.platform}:${user}:${chatId}`;
  }

  look(chat) {
    this.seen.set(this.key3(chat.id), chat.messages.length);
  }

  unread(chat) {
    return chat.messages.length > (this.seen.get(this.key3(chat.id)) ?? 0);
  }

  get news() {
    return this.chats.some((chat) => this.unread(chat));
  }

  // Has a member, not the one shown, got something since the page looked first?
  fresh(member) {
    return member.id !== this.user && member.chats.some((chat) => {
      const key = this.key3(chat.id, member.id);
      if (!this.seen.has(key)) this.seen.set(key, this.log.filled ? 0 : chat.count);
      return chat.count > this.seen.get(key);
    });
  }

  // ---- waiting for an answer ----------------------------------------------------------------------------------------

  await() {
    const key = this.key3(this.chat.id);
    clearTimeout(this.waiting.get(key)?.timer);
    const timer = setTimeout(() => {
      this.waiting.delete(key);
      this.refreshTyping();
      note(this.log.notes, "还没有收到回答。看看“通信”，或等一等重试。", "bad");
    }, PATIENCE);
    this.waiting.set(key, { timer, print: this.theirs(this.chat) });
    this.refreshTyping();
  }

  // What the other side has said so far, updates of cards included.
  theirs(chat) {
    return chat.messages.reduce((sum, message) => sum + message.updates + (message.mine ? 0 : 1), 0);
  }

  awaits() {
    return this.waiting.has(this.key3(this.chat.id));
  }

  settle(chat) {
    const key = this.key3(chat.id);
    const wait = this.waiting.get(key);
    if (wait && this.theirs(chat) > wait.print) this.answered(key);
    this.refreshTyping();
  }

  answered(key) {
    clearTimeout(this.waiting.get(key)?.timer);
    this.waiting.delete(key);
  }

  refreshTyping() {
    this.log.typing(this.awaits());
    this.drawBar();
  }

  // ---- the hand -----------------------------------------------------------------------------------------------------

  // `whom` is a user of this platform, or `platform:user` for a phone of another one.
  async move(whom) {
    const there = this.elsewhere.find((one) => whom.startsWith(`${one.platform}:`));
    if (there) this.platform = there.platform;
    this.user = there ? whom.slice(there.platform.length + 1) : whom;
    this.screen.className = `screen ${this.platform}`;
    this.node.dataset.platform = this.platform;
    this.chatId = "";
    this.chosen = !this.own;
    this.data = null;
    this.memberPrint = "";
    await this.onmove();
    await this.opened();
  }

  async enter(chatId) {
    this.chatId = chatId;
    this.chosen = true;
    this.drawBar();
    this.drawHints(JSON.parse(this.hintPrint));
    this.drawMessages();
    this.drawBar();
    if (toBot(this.chat)) await this.opened();
  }

  opened() {
    return !toBot(this.chat) ? null : this.attempt("open", { user: this.user });
  }

  suggest(text) {
    this.words.value = text;
    this.grow();
    this.words.focus();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.say(this.words.value);
  }

  grow() {
    this.words.style.height = "auto";
    this.words.style.height = `${Math.min(this.words.scrollHeight, 96)}px`;
    this.node.classList.toggle("writing", this.words.value.trim() !== "");
  }

  async say(text) {
    if (!text.trim()) return;
    this.words.value = "";
    this.grow();
    const { id } = this.chat;
    if (toBot(this.chat)) this.await();
    const said = await this.attempt("say", { user: this.user, text: text.trim(), chat: toBot(this.chat) ? "" : id });
    if (!said) this.give(text);
  }

  // What could not be sent goes back into the line, unless something else has been written there meanwhile.
  give(text) {
    this.answered(this.key3(this.chat.id));
    this.refreshTyping();
    if (!this.words.value) this.words.value = text;
    this.grow();
  }

  async sendFile() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    if (file.size > LARGEST) {
      note(this.log.notes, "文件不能超过 20 MB", "bad");
      return;
    }
    this.await();
    const kind = /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? "image" : "file";
    const sent = await this.attempt("send", { user: this.user, kind, name: file.name, data: await base64(file) });
    if (!sent) this.answered(this.key3(this.chat.id));
    this.refreshTyping();
  }

  async tap(message, button, inputs, node) {
    const all = node.closest(".card").querySelectorAll("button");
    all.forEach((other) => { other.disabled = true; });
    node.classList.add("busy");
    this.await();
    const key = this.key3(this.chat.id);
    const answer = await this.attempt("tap", { user: this.user, message: message.id, button: button.id, inputs });
    node.classList.remove("busy");
    all.forEach((other) => { other.disabled = false; });
    message.buttons.forEach((other, index) => { if (other.dead && all[index]) all[index].disabled = true; });
    if (answer?.toast) note(this.log.notes, answer.toast);
    if (answer?.toast || !answer) this.answered(key); // said what there is to say
    this.refreshTyping();
  }

  async attempt(what, body) {
    try {
      return await act(`${this.platform}/${what}`, body);
    } catch (refused) {
      if (what !== "open") note(this.log.notes, reason(refused), "bad");
      return null;
    }
  }
}

function reason(refused) {
  if (refused.status === 404) return "这里已经点不了了：卡片变了，或者这个会话不接收消息。";
  if (refused.status) return `平台没有接受（${refused.status}）${/[\u4e00-\u9fff]/.test(refused.message) ? `：${refused.message}` : ""}`;
  return "连不上演示服务，请看右上角的连接状态。";
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}

