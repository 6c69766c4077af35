// Tells the hub where the film is: every ten seconds, when it is paused, after a jump, and on leaving.
const EVERY_MS = 10000;
const SETTLED_MS = 500;

export class Progress {
  #video;
  #of;
  #call;
  #queue;
  #sessionId = null;
  #begun = false;
  #settling = 0;

  // `of` says what is watched: id, type, titleId, season, episode, name, poster.
  constructor(video, of, call, queue) {
    this.#video = video;
    this.#of = of;
    this.#call = call;
    this.#queue = queue;
    video.addEventListener("playing", () => this.#begin());
    video.addEventListener("pause", () => !video.ended && this.#tell("pause"));
    video.addEventListener("seeked", () => this.#settle());
    video.addEventListener("waiting", () => !video.seeking && this.#tell("buffer"));
    video.addEventListener("ended", () => this.#tell("complete"));
    setInterval(() => !video.paused && this.#tell("heartbeat"), EVERY_MS);
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.#leave("heartbeat"));
    addEventListener("online", () => queue.send());
  }

  get #isKnown() {
    return this.#begun && Number.isFinite(this.#video.duration) && this.#video.duration > 0;
  }

  async #begin() {
    if (this.#begun) return;
    this.#begun = true;
    const { id, type, titleId, season, episode, name, poster } = this.#of;
    const about = { type, title_id: titleId, season, episode, name, poster };
    const { position_s, duration_s } = this.#place();
    try {
      const opened = await this.#call("POST", "/api/v1/viewing/sessions", { video_id: id, position_s, duration_s, ...about });
      this.#sessionId = opened.id;
    } catch {
      // Places are kept without a session, too.
    }
    this.#tell("start");
  }

  // Whoever drags the place about is somewhere once the hand rests.
  #settle() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#tell("heartbeat"), SETTLED_MS);
  }

  async #tell(event) {
    if (!this.#isKnown) return;
    await this.#send(this.#report(event), {});
  }

  // Leaving waits for no answer, and what fails then is not heard of: it is queued first.
  #leave(event = "stop") {
    if (!this.#isKnown) return;
    const report = this.#report(event);
    this.#queue.add({ ...report, video_id: this.#of.id });
    this.#send(report, { keepalive: true });
  }

  async #send(report, how) {
    const { id } = this.#of;
    try {
      await this.#call("POST", `/api/v1/progress/${encodeURIComponent(id)}`, report, how);
      this.#queue.drop(id);
      this.#queue.send();
    } catch (error) {
      if (error.isPassing) this.#queue.add({ ...report, video_id: id });
      else this.#queue.drop(id);
    }
  }

  #report(event) {
    const { type, titleId, season, episode, name, poster } = this.#of;
    const session = this.#sessionId === null ? {} : { session_id: this.#sessionId };
    const about = { type, title_id: titleId, season, episode, name, poster };
    return { ...this.#place(), ...about, ...session, event, at: new Date().toISOString() };
  }

  #place() {
    const { currentTime, duration } = this.#video;
    if (!Number.isFinite(duration) || duration <= 0) return { position_s: 0 };
    return { position_s: Math.min(round(currentTime), round(duration)), duration_s: round(duration) };
  }
}

function round(seconds) {
  return Math.round(seconds * 100) / 100;
}
