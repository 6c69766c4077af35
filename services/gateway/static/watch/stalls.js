// A file has one quality. Where the line does not carry it the film stops again and again: this counts how
// often, and measures meanwhile what the line does carry.
const MANY = 3;
const WITHIN_MS = 120000;
const AFTER_SEEK_MS = 3000;
const LEAST_MS = 500;

export class Stalls {
  #video;
  #tell;
  #since = null;
  #soughtAt = 0;
  #times = [];

  // `tell` takes how much of the film arrives in its time, 1 being just enough, and whether it stopped often.
  constructor(video, tell) {
    this.#video = video;
    this.#tell = tell;
    video.addEventListener("seeking", () => (this.#soughtAt = Date.now()));
    video.addEventListener("waiting", () => this.#stopped());
    video.addEventListener("playing", () => this.#goesOn());
    video.addEventListener("emptied", () => {
      this.#times = [];
      this.#since = null;
    });
  }

  #stopped() {
    const now = Date.now();
    if (this.#video.seeking || now - this.#soughtAt < AFTER_SEEK_MS || !navigator.onLine) return;
    this.#since = { at: now, loadedS: loadedS(this.#video) };
  }

  #goesOn() {
    if (this.#since === null) return;
    const now = Date.now();
    const { at, loadedS: before } = this.#since;
    this.#since = null;
    if (now - at < LEAST_MS) return;
    this.#times = [...this.#times.filter((time) => now - time < WITHIN_MS), now];
    const share = (loadedS(this.#video) - before) / ((now - at) / 1000);
    this.#tell(share, this.#times.length >= MANY);
  }
}

function loadedS({ buffered, currentTime }) {
  for (let n = 0; n < buffered.length; n += 1) {
    if (buffered.start(n) <= currentTime + 0.5 && currentTime <= buffered.end(n)) return buffered.end(n);
  }
  return currentTime;
}
