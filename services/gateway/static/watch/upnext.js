// The next episode: offered near the end, begun after it unless somebody says not now.
const NEAR_END_S = 40;
const COUNT_FROM = 8;

export class UpNext {
  #card;
  #video;
  #isRefused = false;
  #counting = 0;

  // `go` opens the next episode.
  constructor(card, video, go) {
    this.#card = card;
    this.#video = video;
    video.addEventListener("timeupdate", () => this.#offer());
    video.addEventListener("ended", () => this.#count(COUNT_FROM, go));
    video.addEventListener("seeking", () => this.#stop());
  }

  refuse() {
    this.#isRefused = true;
    this.#stop();
    this.#card.hidden = true;
  }

  #offer() {
    const { currentTime, duration } = this.#video;
    const isNear = Number.isFinite(duration) && duration - currentTime < Math.min(NEAR_END_S, duration / 10);
    this.#card.hidden = this.#isRefused || !isNear;
  }

  #count(left, go) {
    if (this.#isRefused) return;
    this.#card.hidden = false;
    this.#words(`Play next (${left})`);
    if (left === 0) go();
    else this.#counting = setTimeout(() => this.#count(left - 1, go), 1000);
  }

  #stop() {
    clearTimeout(this.#counting);
    this.#words("Play next");
  }

  #words(words) {
    this.#card.querySelector("[data-words]").textContent = words;
  }
}
