// Tells the hub where the film is: every ten seconds, when it is paused, after a jump, and on leaving.
const EVERY_MS = 10000;
const SETTLED_MS = 500;

// What is told, and what becomes of it where it can't be.
export class Progress {
  #of;
  #call;
  #queue;
  #sessionId = null;
  #begun = false;
  #place = null;

  // `of` says what is watched: id, type, titleId, season, episode, name, poster.
  constructor(of, call, queue) {
    this.#of = of;
    this.#call = call;
    this.#queue = queue;
    addEventListener("online", () => queue.send());
    addEventListener("pagehide", () => this.#leave("stop"));
    document.addEventListener("visibilitychange", () => document.hidden && this.#leave("heartbeat"));
  }

  async begin(positionS, durationS) {
    if (this.#begun || !this.#at(positionS, durationS)) return;
    this.#begun = true;
    try {
      const session = { video_id: this.#of.id, ...this.#place, ...this.#about() };
      this.#sessionId = (await this.#call("POST", "/api/v1/viewing/sessions", session)).id;
    } catch {
      // Places are kept without a session, too.
    }
    await this.#send(this.#report("start"), {});
  }

  async tell(event, positionS, durationS) {
    if (this.#begun && this.#at(positionS, durationS)) await this.#send(this.#report(event), {});
  }

  // Where it is by now, for when it is left.
  keep(positionS, durationS) {
    if (this.#begun) this.#at(positionS, durationS);
  }

  #at(positionS, durationS) {
    if (!Number.isFinite(durationS) || durationS <= 0 || !Number.isFinite(positionS)) return false;
    const duration = round(durationS);
    this.#place = { position_s: Math.min(Math.max(0, round(positionS)), duration), duration_s: duration };
    return true;
  }

  // Leaving waits for no answer, and what fails then is not heard of: it is queued first.
  #leave(event) {
    if (!this.#begun) return;
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
    const session = this.#sessionId === null ? {} : { session_id: this.#sessionId };
    return { ...this.#place, ...this.#about(), ...session, event, at: new Date().toISOString() };
  }

  #about() {
    const { type, titleId, season, episode, name, poster } = this.#of;
    return { type, title_id: titleId, season, episode, name, poster };
  }
}

export function follow(video, progress) {
  const tell = (event) => progress.tell(event, video.currentTime, video.duration);
  let settling = 0;
  video.addEventListener("playing", () => progress.begin(video.currentTime, video.duration));
  video.addEventListener("timeupdate", () => progress.keep(video.currentTime, video.duration));
  video.addEventListener("pause", () => !video.ended && tell("pause"));
  video.addEventListener("waiting", () => !video.seeking && tell("buffer"));
  video.addEventListener("ended", () => tell("complete"));
  // Whoever drags the place about is somewhere once the hand rests.
  video.addEventListener("seeked", () => {
    clearTimeout(settling);
    settling = setTimeout(() => tell("heartbeat"), SETTLED_MS);
  });
  setInterval(() => !video.paused && tell("heartbeat"), EVERY_MS);
}

function round(seconds) {
  return Math.round(seconds * 100) / 100;
}
