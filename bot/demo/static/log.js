// The messages of one chat on a phone: only rows that changed are drawn anew, and the end stays in sight.

import { bubble, robot } from "./bubble.js";
import { el } from "./dom.js";
import { clock, stamp } from "./office.js";

const PAUSE = 5 * 60 * 1000; // milliseconds without a message before a time is written above the next
const NEAR = 60; // pixels from the end that still count as the end

export class Log {
  constructor() {
    this.place = ""; // which chat is drawn
    this.filled = false; // it has been drawn once
    this.rows = new Map(); // message id -> {node, drawn, updates}
    this.pinned = true; // the end is in sight and shall stay so
    this.pulsed = null; // the row of the last in-place update
    this.build();
  }

  build() {
    this.dots = el("div.row.theirs.typing", { hidden: true }, robot(), el("div.bubble", {}, el("i"), el("i"), el("i")));
    this.empty = el("p.empty");
    this.list = el("div.log", { role: "log", "aria-live": "polite", tabindex: "0", "aria-label": "消息" }, this.empty, this.dots);
    this.down = el("button.down", { type: "button", hidden: true, text: "↓ 新消息", onclick: () => this.toEnd() });
    this.up = el("button.look", { type: "button", hidden: true, text: "↑ 上面的卡片更新了", onclick: () => this.toPulse() });
    this.notes = el("div.notes", { role: "status", "aria-live": "polite" });
    this.node = el("div.log-frame", {}, this.list, this.up, this.down, this.notes);
    this.list.addEventListener("scroll", () => this.scrolled());
    this.list.addEventListener("load", () => this.pinned && this.toEnd(), true); // pictures grow when they arrive
    new ResizeObserver(() => this.pinned && this.toEnd()).observe(this.list);
  }

  // `place` names the chat; `viewOf(message)` is what bubble.js wants to know. True when this chat is drawn for the first time.
  draw(place, chat, viewOf) {
    if (place !== this.place) this.clear(place);
    const first = !this.filled;
    this.list.setAttribute("aria-busy", String(first)); // a whole chat is not read aloud
    this.pulsed = null;
    const grown = this.reconcile(chat.messages, viewOf);
    this.filled = true;
    this.empty.hidden = chat.messages.length > 0;
    this.empty.textContent = chat.group ? "群里还没有消息。" : "还没有消息。点下面的建议，或自己写一句。";
    this.list.setAttribute("aria-busy", "false");
    this.follow(first, grown);
    return first;
  }

  clear(place) {
    this.place = place;
    this.filled = false;
    this.rows.forEach((row) => row.node.remove());
    this.rows.clear();
    this.down.hidden = true;
    this.up.hidden = true;
    this.pinned = true;
  }

  // Who the last new message is from: "mine" | "theirs" | "".
  reconcile(messages, viewOf) {
    const ids = new Set(messages.map((message) => message.id));
    for (const [id, row] of this.rows) if (!ids.has(id)) { row.node.remove(); this.rows.delete(id); }
    let grown = "", before = 0, previous = null;
    for (const message of messages) {
      const at = Date.parse(message.at);
      const label = !before || at - before > PAUSE ? stamp(at, clock.now()) : "";
      before = at;
      if (!this.rows.has(message.id)) grown = message.mine ? "mine" : "theirs";
      previous = this.row(message, label, previous, viewOf);
    }
    return grown;
  }

  // The row's node: the one there is, or a new one in its place.
  row(message, label, previous, viewOf) {
    const old = this.rows.get(message.id);
    const drawn = JSON.stringify([message, label]);
    if (old?.drawn === drawn) return old.node;
    const change = old && old.updates < message.updates ? "pulse" : !old && this.filled ? "new" : "";
    const node = el(`div.entry${change ? `.${change}` : ""}`, { "data-message": message.id },
      label ? el("p.stamp", { text: label }) : null, bubble(message, viewOf(message)));
    if (old) old.node.replaceWith(node);
    else if (previous) previous.after(node);
    else this.list.prepend(node);
    this.rows.set(message.id, { node, drawn, updates: message.updates });
    if (change === "pulse") this.pulsed = node;
    return node;
  }

  // ---- what is in sight ---------------------------------------------------------------------------------------------

  follow(first, grown) {
    if (first || this.pinned || grown === "mine") this.toEnd();
    else if (grown) this.down.hidden = false;
    if (this.pulsed && !this.inView(this.pulsed)) {
      this.above = this.pulsed.dataset.message;
      this.up.hidden = false;
    }
  }

  scrolled() {
    this.pinned = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
    if (this.pinned) this.down.hidden = true;
    if (!this.up.hidden && this.inView(this.rows.get(this.above)?.node)) this.up.hidden = true;
  }

  // Is the end of it, where the state line is, inside the frame?
  inView(node) {
    const end = node?.getBoundingClientRect().bottom, frame = this.list.getBoundingClientRect();
    return end > frame.top + 20 && end < frame.bottom + 20;
  }

  toPulse() {
    this.up.hidden = true;
    const node = this.rows.get(this.above)?.node;
    if (!node) return;
    this.pinned = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("pulse");
    requestAnimationFrame(() => node.classList.add("pulse"));
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.pinned = true;
    this.down.hidden = true;
  }

  typing(visible) {
    if (this.dots.hidden === !visible) return;
    this.dots.hidden = !visible;
    if (visible) this.toEnd();
  }
}
