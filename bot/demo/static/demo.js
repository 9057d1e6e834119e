// The page: asks for the state, keeps up with the feed, and gives each part its share.

import { Faults } from "./faults.js";
import { el, find, toast } from "./dom.js";
import { Guide } from "./guide.js";
import { clock, date, fromWall, nextMonday, platformName, seconds, toWall } from "./office.js";
import { PhoneView } from "./phone.js";
import { act, follow, state } from "./server.js";
import { Wire } from "./wire.js";

const REST = 50; // milliseconds in which several changes become one request
const small = matchMedia("(max-width: 760px)");
const wide = matchMedia("(min-width: 1700px)");

const page = {
  phones: [],
  wire: new Wire(),
  guide: new Guide(),
  faults: new Faults(() => refresh()),
  asking: false,
  again: "", // "" | "phones" | "all": what was wanted while an answer was under way
  timer: 0,
  tab: 0,
};

// ---- the state --------------------------------------------------------------------------------------------------------

function soon(what = "phones") {
  if (what === "all" || !page.again) page.again = what;
  clearTimeout(page.timer);
  page.timer = setTimeout(() => refresh(), REST);
}

async function refresh(what = page.again || "phones") {
  if (page.asking) {
    page.again = what === "all" ? "all" : page.again || what;
    return;
  }
  page.asking = true;
  page.again = "";
  try {
    draw(await state(page.phones, { wire: what === "all" }));
  } catch {
    page.again = what; // asked again when the feed is back, or after a pause
    if (page.online) setTimeout(() => soon(what), 1500);
    return;
  } finally {
    page.asking = false;
  }
  if (page.again) soon(page.again);
}

function draw(whole) {
  clock.set(whole.now);
  if (!page.phones.length) lay(whole.places);
  for (const phone of page.phones) {
    const data = whole.phones.find((one) => one.platform === phone.platform && one.id === phone.user);
    phone.draw(data ?? null, whole.platforms, whole.hints);
  }
  page.wire.platforms(whole.platforms.map((one) => one.platform));
  page.wire.fill(whole.wire);
  page.faults.draw(whole.platforms);
  page.guide.draw(page.phones.map((phone) => ({ part: phone.place.part, chats: phone.chats })));
  drawTabs();
  tick();
}

function lay(places) {
  page.phones = places.map((place, number) => new PhoneView(place, number, () => refresh()));
  find("table").replaceChildren(...page.phones.map((phone) => phone.node));
  choose(0);
}

// ---- one phone at a time on a small screen ----------------------------------------------------------------------------

const WIRE = -1;

function choose(number) {
  page.tab = number;
  document.body.classList.toggle("wire-chosen", small.matches && number === WIRE);
  page.phones.forEach((phone, index) => phone.show(small.matches ? index === number : true));
  page.phones.forEach((phone, index) => phone.node.classList.toggle("chosen", index === number));
  drawTabs();
}

function drawTabs() {
  const tabs = page.phones.map((phone, index) => [index, phone.place.role.split("·")[0], platformName(phone.platform), index !== page.tab && phone.news]);
  tabs.push([WIRE, "通信", "记录", false]);
  const print = JSON.stringify([tabs, page.tab]);
  if (print === page.tabPrint) return;
  page.tabPrint = print;
  find("tabs").replaceChildren(...tabs.map(([index, name, under, dot]) =>
    el("button", { type: "button", "aria-pressed": String(index === page.tab), onclick: () => choose(index) },
      el("strong", { text: name }), el("small", { text: under }), dot ? el("i.dot", { role: "img", "aria-label": "有新消息" }) : null)));
}

small.addEventListener("change", () => choose(page.tab === WIRE && !small.matches ? 0 : page.tab));

// ---- the clock --------------------------------------------------------------------------------------------------------

function tick() {
  const now = clock.now();
  find("clock-date").textContent = date(now);
  find("clock-time").textContent = seconds(now);
  page.phones.forEach((phone) => phone.tick());
}

async function forward(by) {
  if (!(by > 0)) {
    toast("时钟只能往前走，请选一个以后的时间。", "bad");
    return;
  }
  try {
    const { now } = await act("clock", { forward: by });
    clock.set(now);
    toast(`现在是 ${date(clock.now())} ${seconds(clock.now()).slice(0, 5)}`);
  } catch (refused) {
    toast(refused.status === 400 ? "一次最多往前一年。" : "没有拨动，请再试一次。", "bad");
  }
  soon("phones");
}

function setUpClock() {
  for (const button of document.querySelectorAll("[data-forward]")) {
    button.addEventListener("click", () => forward(Number(button.dataset.forward)));
  }
  find("clock-monday").addEventListener("click", () => forward((nextMonday(clock.now()) - clock.now()) / 1000));
  // `toggle` comes some time after it is open, when somebody may have typed already.
  find("clock-choose").addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    find("clock-moment").min = toWall(clock.now());
    find("clock-moment").value = toWall(new Date(Number(clock.now()) + 3600 * 1000));
  });
  find("clock-go").addEventListener("click", () => {
    find("clock-choose").hidePopover();
    forward((fromWall(find("clock-moment").value) - clock.now()) / 1000);
  });
  find("clock-toggle").addEventListener("click", () => {
    const open = document.body.classList.toggle("clock-open");
    find("clock-toggle").setAttribute("aria-expanded", String(open));
  });
  setInterval(tick, 1000);
}

// ---- the wire's panel: a drawer on a laptop, a column where there is room -----------------------------------------------

function unfold(open) {
  document.body.classList.toggle("wire-open", open);
  find("wire-toggle").setAttribute("aria-pressed", String(open));
  find("wire-fold").setAttribute("aria-expanded", String(open));
  find("wire-fold").textContent = open ? "收起" : "展开";
  page.wire.list.scrollTop = page.wire.list.scrollHeight;
}

function setUpWire() {
  const toggle = () => unfold(!document.body.classList.contains("wire-open"));
  find("wire-toggle").addEventListener("click", toggle);
  find("wire-fold").addEventListener("click", toggle);
  unfold(wide.matches);
}

// ---- the feed -----------------------------------------------------------------------------------------------------------

function online(yes) {
  page.online = yes;
  find("link").classList.toggle("on", yes);
  find("link-text").textContent = yes ? "已连接" : "正在重连…";
}

function happened(name, value) {
  if (name === "wire") {
    if (page.wire.add(value)) soon("all");
    else if (!find("fault-count").hidden) soon(); // a rule may have been spent
  } else if (name === "clock") {
    if (page.room && page.room !== value.room) location.reload(); // another server, whose numbers begin anew
    page.room = value.room;
    const jump = Math.abs(Date.parse(value.now) - clock.now()) > 5000;
    clock.set(value.now);
    tick();
    if (jump) soon();
  } else {
    soon();
  }
}

setUpClock();
setUpWire();
follow({
  onopen: () => { online(true); refresh("all"); }, // whatever happened in the gap
  ongap: () => online(false),
  onevent: happened,
});
