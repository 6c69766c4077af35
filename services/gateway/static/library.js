// The library's pages: search while typing, a sync followed as it goes, times of the guide in the reader's own zone.
import { fillRows } from "./rows.js";

const TYPING_MS = 150;
const FOLLOW_MS = 700;
let stopFollowing = () => {};

begin();
// A form that is answered in place brings another main.
new MutationObserver(() => {
  if (document.querySelector("main:not([data-begun])")) begin();
}).observe(document.body, { childList: true });

function begin() {
  const main = document.querySelector("main");
  main.setAttribute("data-begun", "");
  showClocks(main);
  for (const field of main.querySelectorAll("input[data-zone]")) {
    field.value = field.defaultValue = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
  }
  const lookup = main.querySelector("[data-lookup]");
  if (lookup) answerTyping(lookup, main);
  stopFollowing();
  const followed = main.querySelector("[data-follow]");
  if (followed) follow(followed);
}

// Search

function answerTyping(lookup, main) {
  const field = lookup.querySelector("input");
  const listed = main.querySelector("[data-listed]");
  const found = main.querySelector("#found");
  const before = location.href;
  let timer, asked;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, TYPING_MS);
  });
  lookup.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    look();
  });

  async function look() {
    asked?.abort();
    const text = field.value.trim();
    if (!text) return show("", before, "");
    asked = new AbortController();
    const query = `?q=${encodeURIComponent(text)}`;
    lookup.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(lookup.dataset.lookup + query, { headers: { Accept: "text/html" }, signal: asked.signal });
      if (!answer.ok || answer.redirected) return lookup.submit();
      show(await answer.text(), lookup.action + query, text);
    } catch (error) {
      if (error.name !== "AbortError") lookup.submit();
    }
  }

  function show(html, address, text) {
    lookup.removeAttribute("aria-busy");
    found.innerHTML = html;
    listed.hidden = text !== "";
    showClocks(found);
    fillRows(found);
    history.replaceState(null, "", address);
    document.getElementById("said").textContent = found.querySelector("[data-counted]")?.textContent ?? "";
  }
}

// A sync: events say that something changed, the page says what.

function follow(part) {
  const events = new EventSource(part.dataset.follow);
  let timer = null;
  events.addEventListener("job", (event) => {
    const ended = JSON.parse(event.data).finished_at !== null;
    if (ended) events.close();
    if (ended) clearTimeout(timer);
    if (ended || timer === null) timer = setTimeout(() => draw(ended), ended ? 0 : FOLLOW_MS);
  });
  stopFollowing = () => events.close();
  addEventListener("pagehide", stopFollowing, { once: true });

  async function draw(ended) {
    timer = null;
    const html = await fetchHtml(ended ? location.href : part.dataset.parts);
    if (html === null || !part.isConnected) return;
    // Only the figures are replaced while it runs: whoever is about to press a button keeps it.
    if (!ended) return replace(part, html, "[data-progress]");
    const shown = document.querySelector("main");
    const held = shown.contains(document.activeElement);
    replace(document, html, isTypedIn(shown) ? "[data-synced]" : "main");
    if (held) document.querySelector("main").focus({ preventScroll: true });
    document.getElementById("said").textContent = document.querySelector("[data-synced] .state, [data-synced] .note")?.textContent ?? "";
  }
}

function replace(root, html, what) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(what);
  if (fresh) root.querySelector(what)?.replaceWith(fresh);
}

function isTypedIn(main) {
  return [...main.querySelectorAll("input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
}

async function fetchHtml(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

// Times

function showClocks(root) {
  for (const time of root.querySelectorAll("time[data-clock]")) {
    const moment = new Date(time.dateTime);
    const hour = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const day = time.dataset.clock === "day" ? `${moment.toLocaleDateString("en", { weekday: "short" })} ` : "";
    time.textContent = day + hour;
    time.title = moment.toLocaleString();
  }
}
