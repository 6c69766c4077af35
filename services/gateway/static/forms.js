// The same form, answered in place: the page that comes back takes the place of the one shown.
export function answerInPlace(root, arrive) {
  forgetMessage();
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-in-place")) return;
    event.preventDefault();
    send(form, event.submitter, arrive);
  });
}

async function send(form, button, arrive) {
  if (form.getAttribute("aria-busy") === "true") return;
  const body = new URLSearchParams(new FormData(form, button));
  wait(form, button, true);
  let answer, html;
  try {
    const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
    answer = await fetch(address, { method: "POST", body, headers: { Accept: "text/html" } });
    html = await answer.text();
  } catch {
    // The network failed: the browser's own way says so in its own words.
    form.removeAttribute("data-in-place");
    wait(form, button, false);
    form.requestSubmit(button);
    return;
  }
  show(answer, html, button?.id, arrive);
}

function wait(form, button, busy) {
  form.setAttribute("aria-busy", String(busy));
  if (!button) return;
  button.disabled = busy;
  const words = button.dataset.busy;
  if (words && busy) button.textContent = words;
}

function show(answer, html, key, arrive) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("main");
  const main = document.querySelector("main");
  if (!fresh || !main || !samePage(answer)) {
    location.assign(answer.url);
    return;
  }
  document.title = page.title;
  main.replaceWith(fresh);
  // A form that was not sent on has no page of its own at its address.
  if (answer.redirected) history.replaceState(null, "", answer.url);
  forgetMessage();
  arrive(fresh);
  const next = fresh.querySelector("[autofocus], [aria-invalid=true]") ?? sameButton(key) ?? fresh;
  next.focus({ preventScroll: next === fresh });
  const said = fresh.querySelector("[data-said]");
  if (said) document.getElementById("said").textContent = said.textContent.trim();
}

// A row moved to the very top can't be moved further up: then the button beside takes the focus.
function sameButton(key) {
  const button = key ? document.getElementById(key) : null;
  return button?.disabled ? button.parentElement.querySelector("button:not([disabled])") : button;
}

function samePage(answer) {
  return !answer.redirected || new URL(answer.url).pathname === location.pathname;
}

// A message belongs to the visit that caused it, not to the address that is kept or shared.
function forgetMessage() {
  const here = new URL(location.href);
  if (!here.searchParams.has("said")) return;
  here.searchParams.delete("said");
  here.searchParams.delete("undo");
  history.replaceState(null, "", here);
}
