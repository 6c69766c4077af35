// What stands in the middle of the stage: one of wait, begin, what failed, nothing to play; or the film alone.
const SPIN_AFTER_MS = 300;

export class Cover {
  #stage;
  #waiting = 0;

  constructor(stage) {
    this.#stage = stage;
  }

  film() {
    this.#show("");
    this.#stage.querySelector("[data-back]").hidden = true;
  }

  empty() {
    this.#show("empty");
  }

  loading(words) {
    this.#words("loading", words);
    this.#show("loading");
  }

  // A film that stops for a moment needs no sign.
  buffering() {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.loading(""), SPIN_AFTER_MS);
  }

  ready(words, { from = "", canRestart = false } = {}) {
    this.#words("ready", words);
    this.#part("ready", "[data-from]").textContent = from;
    this.#part("ready", "[data-do=restart]").hidden = !canRestart;
    this.#show("ready");
  }

  // `next` is the source to go on with, `link` where else this one is watched.
  failed(words, { next = null, link = "", linkWords = "", address = "", isError = true }) {
    this.#words("failed", words);
    this.#part("failed", ":scope > .icon").toggleAttribute("hidden", !isError);
    const button = this.#part("failed", "[data-do=next-source]");
    button.hidden = next === null;
    if (next) button.querySelector("[data-words]").textContent = `Play ${next.name}, ${next.addon}`;
    const anchor = this.#part("failed", "[data-link]");
    anchor.hidden = link === "";
    anchor.href = link;
    anchor.textContent = linkWords;
    this.#part("failed", "[data-do=again]").hidden = !isError;
    const copy = this.#part("failed", "[data-copy]");
    copy.hidden = address === "";
    copy.dataset.copy = address;
    this.#show("failed");
    this.#cover("failed").querySelector("button:not([hidden]), a:not([hidden])")?.focus({ preventScroll: true });
  }

  #show(which) {
    clearTimeout(this.#waiting);
    for (const cover of this.#stage.querySelectorAll("[data-cover]")) cover.hidden = cover.dataset.cover !== which;
  }

  #cover(which) {
    return this.#stage.querySelector(`[data-cover="${which}"]`);
  }

  #part(which, selector) {
    return this.#cover(which).querySelector(selector);
  }

  #words(which, words) {
    this.#part(which, which === "ready" ? "[data-do=begin] [data-words]" : ":scope > [data-words]").textContent = words;
  }
}
