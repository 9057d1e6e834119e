// Everything that crosses to the server: acts, the state, and the feed that comes back by itself after a gap.

export class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

export async function act(path, body, method = "POST") {
  const response = await fetch(`/demo/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Refused(response.status, await words(response));
  return response.json();
}

async function words(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text;
  }
}

export async function state(phones, { wire }) {
  const query = new URLSearchParams(phones.map((phone) => ["phone", `${phone.platform}:${phone.user}`]));
  if (!wire) query.set("wire", "no");
  return act(`state?${query}`, undefined, "GET");
}

export const wireLine = (platform, number) => act(`${platform}/wire/${number}`, undefined, "GET");

export const fileAddress = (platform, id) => `/demo/${platform}/file/${encodeURIComponent(id)}`;

// The browser reconnects by itself after most failures, but gives up after an HTTP error (a server that is starting).
export function follow({ onevent, onopen, ongap }) {
  let source;
  const connect = () => {
    source = new EventSource("/demo/feed");
    source.onopen = onopen;
    source.onerror = () => {
      ongap();
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1500);
    };
    for (const name of ["change", "wire", "clock"]) {
      source.addEventListener(name, (event) => onevent(name, JSON.parse(event.data)));
    }
  };
  connect();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
}
