// What plain HTML cannot do on our pages: the token for htmx, printing, "are you sure", one submit per form, people pickers.

const token = document.querySelector('meta[name="token"]')?.content ?? "";

// A card's link may lead to one part of the page.
const part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (part && part.matches("details")) part.open = true;

document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Token"] = token;
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  if (target.matches("[data-print]")) window.print();
  if (target.matches("[data-say]")) say(target);
  if (target.matches("[data-person]")) choose(target);
  if (target.matches(".chip .drop")) drop(target);
});

document.addEventListener("submit", (event) => {
  const sure = event.submitter?.dataset.sure;
  if (sure && !window.confirm(sure)) {
    event.preventDefault();
    return;
  }
  if ("again" in event.target.dataset) return; // its answer is a file, and the page stays
  // The second of two quick taps finds nothing to press; the button's own value must still be sent with the first.
  setTimeout(() => event.target.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = true; }));
});

// Back in the browser shows the page as it was left: its buttons must work again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button[type=submit]:disabled").forEach((button) => { button.disabled = false; });
});

function say(button) {
  const field = document.getElementById(button.dataset.for);
  field.value = button.dataset.say;
  field.focus();
}

function choose(button) {
  const picker = button.closest(".picker");
  const chips = picker.querySelector(".chips");
  const { person, name } = button.dataset;
  if (!("many" in picker.dataset)) chips.replaceChildren();
  if (![...chips.querySelectorAll("input")].some((input) => input.value === person)) chips.append(chip(picker.dataset.name, person, name));
  picker.querySelector(".found").replaceChildren();
  const search = picker.querySelector(".search");
  search.value = "";
  chips.dispatchEvent(new Event("change", { bubbles: true }));
}

function drop(button) {
  const chips = button.closest(".chips");
  button.closest(".chip").remove();
  chips.dispatchEvent(new Event("change", { bubbles: true }));
}

function chip(field, person, name) {
  const item = Object.assign(document.createElement("li"), { className: "chip" });
  const input = Object.assign(document.createElement("input"), { type: "hidden", name: field, value: person });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "drop", textContent: "×" });
  button.setAttribute("aria-label", `去掉${name}`);
  item.append(input, name, button);
  return item;
}

// ---- forms ----

// A refusal is not swapped in: it stands where the page says otherwise that the draft was saved, until the next answer.
document.body.addEventListener("htmx:responseError", (event) => {
  const live = document.getElementById("live");
  const sent = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector(".notice");
  if (!live || event.detail.target !== live || !sent) return;
  const line = live.querySelector(".refused") || document.createElement("p");
  line.className = "notice bad refused";
  line.setAttribute("role", "alert");
  line.textContent = sent.textContent;
  live.prepend(line);
  live.querySelector(".saved")?.remove();
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "live") follow();
});

// What the server worked out from the values typed so far: which fields apply, and the computed ones.
function follow() {
  const live = document.getElementById("live");
  const visible = new Set(live.dataset.visible.split(" "));
  document.querySelectorAll("[data-field]").forEach((field) => { field.hidden = !visible.has(field.dataset.field); });
  live.querySelectorAll("data[data-for]").forEach((value) => {
    document.querySelectorAll(`[data-computed="${CSS.escape(value.dataset.for)}"]`).forEach((output) => { output.textContent = value.value; });
  });
}

document.addEventListener("change", async (event) => {
  const input = event.target.closest("[data-upload]");
  if (!input) return;
  event.stopPropagation();
  const files = [...input.files];
  input.value = "";
  const form = input.closest("[data-uploads]");
  const sends = form.querySelectorAll("button[type=submit]");
  sends.forEach((one) => { one.disabled = true; });
  for (const file of files) await upload(input, form, file);
  sends.forEach((one) => { one.disabled = false; });
}, true);

// What is too big or one too many is said before it travels; the server asks again.
function refusal(input, list, file) {
  const { most, count } = input.dataset;
  if (file.size > Number(most) * 1024 * 1024) return `${file.name} 太大，每个文件不能超过${most}MB。`;
  if (count && list.querySelectorAll(".file").length >= Number(count)) return `最多${count}个文件，${file.name} 没有上传。请先去掉一个。`;
  return "";
}

async function upload(input, form, file) {
  const field = input.dataset.upload;
  const line = form.querySelector(`[data-upload-line="${CSS.escape(field)}"]`);
  const list = form.querySelector(`[data-files="${CSS.escape(field)}"]`);
  line.textContent = refusal(input, list, file);
  if (line.textContent) return;
  line.textContent = `正在上传 ${file.name}…`;
  const body = new FormData();
  body.append("file", file, file.name);
  const address = new URL(form.dataset.uploads, location.href);
  address.searchParams.set("field", field);
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "X-Token": token, "HX-Request": "true" } });
    if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    part.content.querySelector(".problem")?.prepend(`${file.name}：`);
    take(part.content, input, list);
    line.textContent = line.dataset.limits;
    form.dispatchEvent(new Event("changed-files"));
  } catch {
    line.textContent = `${file.name} 没有传上去，请检查网络后再选一次。`;
  }
}

// The same file a second time only shows the first again; a refusal stays until the next try.
function take(part, input, list) {
  list.querySelectorAll(".problem").forEach((old) => old.remove());
  part.querySelectorAll("input[type=hidden]").forEach((one) => { if (input.dataset.as) one.name = input.dataset.as; });
  const known = new Set([...list.querySelectorAll(".file")].map((one) => one.dataset.file));
  const file = part.querySelector(".file");
  if (file && known.has(file.dataset.file)) return;
  list.append(part);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches("[data-add]")) addRow(button);
  if (button.matches("[data-drop-row]")) dropRow(button);
  if (button.matches(".file .drop")) {
    const form = button.closest("form");
    button.closest(".file").remove();
    form.dispatchEvent(new Event("changed-files"));
  }
});

function addRow(button) {
  const table = button.closest(".table");
  const row = table.querySelector("template").content.firstElementChild.cloneNode(true);
  table.insertBefore(row, table.querySelector("template"));
  renumber(table);
  row.querySelector("input, select, textarea")?.focus();
}

function dropRow(button) {
  const table = button.closest(".table");
  const form = table.closest("form");
  button.closest(".line").remove();
  renumber(table);
  form.dispatchEvent(new Event("changed-files"));
}

// Names carry the row's place: `items.0.price`; the server reads them in that order.
function renumber(table) {
  const code = table.dataset.table;
  const place = new RegExp(`^(f-)?${code}\\.(ROW|\\d+)\\.`);
  table.querySelectorAll(":scope > .line").forEach((row, number) => {
    for (const [attribute, selector] of [["name", "[name]"], ["id", "[id]"], ["for", "[for]"], ["data-computed", "[data-computed]"]]) {
      row.querySelectorAll(selector).forEach((one) => {
        one.setAttribute(attribute, one.getAttribute(attribute).replace(place, (_, prefix) => `${prefix ?? ""}${code}.${number}.`));
      });
    }
  });
}
