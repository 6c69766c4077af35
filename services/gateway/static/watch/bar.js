// The buttons over the film, and what they show.
const IDLE_MS = 3000;

export class Bar {
  #stage;
  #video;
  #seek;
  #idle = 0;

  constructor(stage, video) {
    this.#stage = stage;
    this.#video = video;
    this.#seek = stage.querySelector("[data-seek]");
    const volume = stage.querySelector("[data-volume]");
    for (const event of ["timeupdate", "durationchange", "seeking", "emptied"]) video.addEventListener(event, () => this.#time());
    for (const event of ["play", "pause", "ended", "emptied"]) video.addEventListener(event, () => this.#playing());
    video.addEventListener("volumechange", () => this.#volume(volume));
    document.addEventListener("fullscreenchange", () => this.#full());
    this.#seek.addEventListener("input", () => (video.currentTime = Number(this.#seek.value)));
    volume.addEventListener("input", () => Object.assign(video, { volume: volume.value / 100, muted: false }));
    for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) stage.addEventListener(event, () => this.wake());
    this.#time();
    this.#volume(volume);
  }

  wake() {
    clearTimeout(this.#idle);
    this.#stage.classList.remove("stage--idle");
    this.#idle = setTimeout(() => this.#stage.classList.toggle("stage--idle", !this.#video.paused), IDLE_MS);
  }

  #time() {
    const { currentTime, duration } = this.#video;
    const isLive = duration === Infinity;
    const known = Number.isFinite(duration) ? duration : 0;
    this.#seek.disabled = known === 0;
    this.#seek.max = Math.floor(known);
    this.#seek.value = Math.floor(currentTime);
    this.#seek.setAttribute("aria-valuetext", `${clock(currentTime)} of ${clock(known)}`);
    this.#stage.querySelector("[data-time]").textContent = isLive ? "Live" : `${clock(currentTime)} / ${clock(known)}`;
  }

  #playing() {
    const isPlaying = !this.#video.paused && !this.#video.ended;
    this.#shown("playing", isPlaying, "paused");
    this.#button("toggle").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    this.wake();
  }

  #volume(volume) {
    const isMuted = this.#video.muted || this.#video.volume === 0;
    this.#shown("muted", isMuted, "heard");
    this.#button("mute").setAttribute("aria-label", isMuted ? "Unmute" : "Mute");
    volume.value = Math.round(this.#video.volume * 100);
    volume.setAttribute("aria-valuetext", isMuted ? "muted" : `${volume.value} percent`);
  }

  #full() {
    const isFull = document.fullscreenElement === this.#stage;
    this.#shown("full", isFull, "windowed");
    this.#button("full").setAttribute("aria-label", isFull ? "Leave full screen" : "Full screen");
  }

  #shown(when, is, otherwise) {
    this.#stage.querySelector(`[data-when="${when}"]`).hidden = !is;
    this.#stage.querySelector(`[data-when="${otherwise}"]`).hidden = is;
  }

  #button(does) {
    return this.#stage.querySelector(`[data-bar] [data-do="${does}"]`);
  }
}

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
