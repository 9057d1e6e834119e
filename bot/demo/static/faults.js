// The menu of bad days: each entry is one or more rules of connectors/sandbox/faults.py in plain words.

import { el, find, toast } from "./dom.js";
import { platformName } from "./office.js";
import { act } from "./server.js";

const HOUR = 3600;
const MENU = [
  ["慢", "接下来 3 次接口调用，每次等 4 秒才回答", [{ kind: "slow", target: "api", times: 3, seconds: 4 }]],
  ["掉线一小时", "接口全断，演示时钟走过一小时恢复，积压的消息应依次补上", [{ kind: "down", target: "api", times: -1, lasts: HOUR }]],
  ["限流", "接下来 3 次接口调用被答“调用太频繁”", [{ kind: "limit", target: "api", times: 3 }]],
  ["令牌失效", "已经发出的访问令牌现在全部作废", [{ kind: "revoke" }]],
  ["重复", "下一次回调投递两遍，事情只能办一次", [{ kind: "duplicate", target: "callback" }]],
  ["乱序", "下一次回调扣住，等再下一次先走", [{ kind: "reorder", target: "callback" }]],
  ["回调丢失", "下一次回调平台不送来，也不重发", [{ kind: "lost", target: "callback" }]],
  ["回答丢失", "下一次接口调用办成了，回答却没回来", [{ kind: "lost", target: "api" }]],
  ["断开长连接", "钉钉的长连接断开，服务应当自己重新接上", [{ kind: "disconnect", target: "stream" }]],
  ["服务出错", "接下来 2 次接口调用回答 503", [{ kind: "error", target: "api", times: 2 }]],
];
const KINDS = { slow: "慢", down: "掉线", limit: "限流", duplicate: "重复", reorder: "乱序", lost: "丢失", error: "服务出错" };
const TARGETS = { api: "接口", callback: "回调", stream: "长连接" };

export class Faults {
  // `onchange()` asks the page for a new state.
  constructor(onchange) {
    this.onchange = onchange;
    this.where = ""; // empty: every platform
    this.names = [];
    find("fault-list").append(...MENU.map(([name, hint, rules]) =>
      el("li", {}, el("button", { type: "button", onclick: () => this.cause(name, rules) },
        el("strong", { text: name }), el("small", { text: hint })))));
  }

  draw(platforms) {
    const names = platforms.map((one) => one.platform);
    if (names.join() !== this.names.join()) this.drawWhere(names);
    const rules = platforms.flatMap((one) => one.faults.map((rule) => [one.platform, rule]));
    const count = find("fault-count");
    count.hidden = !rules.length;
    count.textContent = String(rules.length);
    const print = JSON.stringify(rules);
    if (print === this.print) return;
    this.print = print;
    find("fault-now").replaceChildren(...(rules.length ? this.active(rules) : []));
  }

  drawWhere(names) {
    this.names = names;
    const choice = (value, text) => el("button", {
      type: "button", role: "radio", "aria-checked": String(value === this.where), text,
      onclick: () => { this.where = value; this.drawWhere(names); },
    });
    find("fault-where").replaceChildren(choice("", "所有平台"), ...names.map((name) => choice(name, platformName(name))));
  }

  active(rules) {
    const line = ([platform, rule]) => {
      const left = rule.times < 0 ? "直到恢复" : `还剩 ${rule.times} 次`;
      return el("li", { text: `${platformName(platform)}：${KINDS[rule.kind] ?? rule.kind}（${TARGETS[rule.target]}，${left}）` });
    };
    return [el("h3", { text: "正在生效" }), el("ul", {}, rules.map(line)),
      el("button.solid", { type: "button", text: "全部恢复正常", onclick: () => this.clear() })];
  }

  async cause(name, rules) {
    const where = this.where ? [this.where] : this.names;
    await this.attempt(where.flatMap((platform) => rules.map((rule) => () => act(`${platform}/faults`, rule))), `已生效：${name}`);
  }

  clear() {
    return this.attempt(this.names.map((platform) => () => act(`${platform}/faults`, undefined, "DELETE")), "已全部恢复正常");
  }

  async attempt(steps, words) {
    try {
      for (const step of steps) await step();
      toast(words);
    } catch {
      toast("没有办成：演示服务没有接受。", "bad");
    }
    this.onchange();
  }
}
