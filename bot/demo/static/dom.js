// Nodes out of values. Data becomes text nodes and checked addresses only: nothing here or elsewhere parses HTML.

export function el(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "text") node.textContent = value;
  else if (value === true) node.setAttribute(name, "");
  else node.setAttribute(name, value);
}

export const find = (id) => document.getElementById(id);

// Only web addresses become links; javascript: and friends stay words.
export function safeAddress(address) {
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:"].includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

export function anchor(text, address, spec = "a") {
  const href = safeAddress(address);
  if (!href) return el("span", { text });
  return el(spec, { href, target: "_blank", rel: "noopener noreferrer", text });
}

// A line that comes and goes; `box` is a live region.
export function note(box, text, tone = "neutral") {
  const node = el(`p.toast.${tone}`, { text });
  while (box.children.length > 2) box.firstElementChild.remove();
  box.append(node);
  setTimeout(() => node.classList.add("going"), 4000);
  setTimeout(() => node.remove(), 4500);
}

export const toast = (text, tone) => note(find("toasts"), text, tone);
