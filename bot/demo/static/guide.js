// Three steps that tick themselves off, read from what the phones show, so a reload does not forget them.

import { el, find } from "./dom.js";

const KEPT = "officebot.demo.guide";

const said = (chats) => chats.some((chat) => chat.messages.some((message) => message.mine));
const cards = (chats) => chats.flatMap((chat) => chat.messages.filter((message) => message.kind === "card"));

// A draft that was corrected in words has been updated too, and still asks to be confirmed.
const moved = (card) => card.state || (card.updates > 0 && !/^请确认/.test(card.title));
const submitted = (card) => moved(card) && !/未提交|放弃/.test(card.state);

const STEPS = [
  ["guide-ask", "applicant", said],
  ["guide-submit", "applicant", (chats) => cards(chats).some(submitted)],
  ["guide-approve", "leader", (chats) => cards(chats).some((card) => /同意/.test(card.state) && !/不同意/.test(card.state))],
];

export class Guide {
  constructor() {
    this.done = new Set();
    this.show(localStorage.getItem(KEPT) !== "closed");
    find("guide-close").addEventListener("click", () => this.show(false));
    find("guide-toggle").addEventListener("click", () => this.show(find("guide").hidden));
  }

  show(visible) {
    find("guide").hidden = !visible;
    find("guide-toggle").setAttribute("aria-pressed", String(visible));
    localStorage.setItem(KEPT, visible ? "open" : "closed");
  }

  // `phones`: [{part, chats}]
  draw(phones) {
    for (const [id, part, holds] of STEPS) {
      if (phones.some((phone) => phone.part === part && holds(phone.chats))) this.done.add(id);
    }
    let next = true;
    for (const [id] of STEPS) {
      const done = this.done.has(id);
      find(id).classList.toggle("done", done);
      find(id).classList.toggle("next", !done && next);
      if (!done) next = false;
      if (done && !find(id).querySelector(".hidden")) find(id).append(el("span.hidden", { text: "，已完成" }));
    }
    find("guide-done").hidden = this.done.size < STEPS.length;
  }
}
