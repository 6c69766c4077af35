// The list of sources: what was tried, what plays, and what to try next.
export class Offers {
  #root;
  #failed = new Set();

  constructor(root) {
    this.#root = root;
  }

  // Late answers of addons take the place of the list; what is playing stays.
  async complete() {
    const waiting = this.#root.querySelector("[data-wait]");
    if (!waiting) return;
    const html = await fetchHtml(waiting.dataset.wait);
    if (html === null) {
      waiting.querySelector("[data-wait-failed]")?.removeAttribute("hidden");
      waiting.removeAttribute("aria-busy");
      return;
    }
    const playing = this.#root.querySelector("[data-playing]")?.dataset.offer;
    this.#root.innerHTML = html;
    for (const item of this.#items()) {
      if (item.dataset.offer === playing) this.playing(playing);
      if (this.#failed.has(item.dataset.offer)) this.#state(item, "failed", "did not play");
    }
  }

  get isEmpty() {
    return this.#items().length === 0;
  }

  first() {
    return this.#of(this.#root.querySelector("[data-offer][data-first]") ?? this.#items()[0]);
  }

  get(id) {
    return this.#of(this.#item(id));
  }

  // The same file from somebody else, then whatever else plays here and has not failed.
  after(offer) {
    const same = offer.alternatives.find((other) => !this.#failed.has(other.id));
    if (same) return { ...offer, id: same.id, addon: same.addon };
    return this.#items().map((item) => this.#of(item)).find((other) => other.how === "here" && !this.#failed.has(other.id)) ?? null;
  }

  playing(id) {
    for (const item of this.#items()) {
      if (item.hasAttribute("data-playing")) this.#state(item, "playing", "");
    }
    const item = this.#item(id);
    if (item) this.#state(item, "playing", "Playing");
  }

  failed(id, reason) {
    this.#failed.add(id);
    const item = this.#item(id);
    if (item) this.#state(item, "failed", reason);
  }

  // Somebody wants to try it once more.
  forgive(id) {
    this.#failed.delete(id);
    const item = this.#item(id);
    if (item) this.#state(item, "failed", "");
  }

  #items() {
    return [...this.#root.querySelectorAll("[data-offer]")];
  }

  #item(id) {
    const own = this.#items().find((item) => item.dataset.offer === id);
    return own ?? this.#items().find((item) => alternatives(item).some((other) => other.id === id)) ?? null;
  }

  #of(item) {
    if (!item) return null;
    const { offer, how, name, addon, group, link, address } = item.dataset;
    return { id: offer, how, name, addon, group, link, address, alternatives: alternatives(item) };
  }

  #state(item, which, words) {
    item.toggleAttribute(`data-${which}`, words !== "");
    item.querySelector("[data-state]").textContent = words;
  }
}

function alternatives(item) {
  return [...item.querySelectorAll("[data-alternative]")].map(({ dataset }) => ({ id: dataset.alternative, addon: dataset.addon }));
}

async function fetchHtml(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}
