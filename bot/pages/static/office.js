// What plain HTML cannot do on our pages: the token for htmx, printing, "are you sure", one submit per form, people pickers.

const token = document.querySelector('meta[name="token"]')?.content ?? "";

document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Token"] = token;
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  if (target.matches("[data-print]")) window.print();
  if (target.matches("[data-person]")) choose(target);
  if (target.matches(".chip .drop")) drop(target);
});

document.addEventListener("submit", (event) => {
  const sure = event.submitter?.dataset.sure;
  if (sure && !window.confirm(sure)) {
    event.preventDefault();
    return;
  }
  // The second of two quick taps finds nothing to press; the button's own value must still be sent with the first.
  setTimeout(() => event.target.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = true; }));
});

// Back in the browser shows the page as it was left: its buttons must work again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button[type=submit]:disabled").forEach((button) => { button.disabled = false; });
});

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
