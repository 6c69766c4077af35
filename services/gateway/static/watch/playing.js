// Gets a source to play: asks the hub how, opens it, and where it fails goes on with another, once by itself.
import { abilities } from "./abilities.js";
import { bandwidth } from "./line.js";
import { wishes } from "./kept.js";

const BEGIN_WITHIN_MS = 45000;
const WORTH_REPEATING_S = 30;
const PLAN_WITHIN_MS = 60000;

export class Playing {
  #video;
  #engine;
  #offers;
  #cover;
  #call;
  #note;
  #path;
  #offer = null;
  #atS = 0;
  #opened = 0;
  #openedAtS = 0;
  #hasMovedOn = false;
  #late = 0;

  constructor({ video, engine, offers, cover, call, note, path }) {
    this.#video = video;
    this.#engine = engine;
    this.#offers = offers;
    this.#cover = cover;
    this.#call = call;
    this.#note = note;
    this.#path = path;
    video.addEventListener("playing", () => this.#isPlaying());
    video.addEventListener("waiting", () => this.#opened && cover.buffering());
    video.addEventListener("canplay", () => this.#opened && !video.paused && cover.film());
    addEventListener("online", () => this.#cameBack());
  }

  get offer() {
    return this.#offer;
  }

  // Where the film is, or would begin.
  get atS() {
    return this.#openedAtS || this.#video.currentTime > 0 ? this.#video.currentTime || this.#atS : this.#atS;
  }

  async open(offer, atS) {
    this.#offer = offer;
    this.#atS = atS;
    const mine = (this.#opened += 1);
    clearTimeout(this.#late);
    this.#cover.loading("Getting it ready…");
    let plan;
    try {
      plan = await this.#plan(offer, atS);
    } catch (error) {
      if (mine === this.#opened) this.failed(error.status === 401 ? "You are signed out. Open the page again to sign in." : error.message);
      return;
    }
    if (mine !== this.#opened) return;
    if (plan.method === "external") this.elsewhere({ ...offer, link: plan.url, how: "elsewhere" }, plan.reason);
    else if (plan.method === "impossible") this.failed(plan.reason);
    else await this.#start(plan, atS, mine);
  }

  async play() {
    try {
      await this.#video.play();
    } catch (error) {
      // The browser wants to be told by a press; what else went wrong is told by the video itself.
      if (error.name === "NotAllowedError") this.#cover.ready("Play");
    }
  }

  // What plays in another app or on another site is offered as that.
  elsewhere(offer, reason = "") {
    const inStremio = offer.how === "stremio";
    const words = reason || (inStremio ? "A browser can't play this source. Stremio can." : "This source is watched on its own page.");
    this.#offer = offer;
    this.#cover.failed(words, {
      next: this.#offers.after({ ...offer, alternatives: [] }),
      link: offer.link,
      linkWords: inStremio ? "Open in Stremio" : "Open the page",
      address: offer.address,
      isError: false,
    });
  }

  failed(reason) {
    clearTimeout(this.#late);
    if (!navigator.onLine) {
      this.#cover.loading("Waiting for your line…");
      return;
    }
    const offer = this.#offer;
    const atS = this.atS;
    // Addresses end after half a day, and a film that was paused overnight goes on.
    if (this.#video.currentTime - this.#openedAtS > WORTH_REPEATING_S) {
      this.#openedAtS = this.#video.currentTime;
      this.open(offer, atS);
      return;
    }
    this.#offers.failed(offer.id, `Did not play: ${reason}`);
    const next = this.#offers.after(offer);
    this.#engine.close();
    if (next !== null && !this.#hasMovedOn) {
      this.#hasMovedOn = true;
      this.#note(`${offer.name} did not play: ${reason} Trying ${next.name} from ${next.addon} instead.`);
      this.open(next, atS);
      return;
    }
    this.#atS = atS;
    this.#note("");
    this.#cover.failed(`${offer.name} did not play: ${reason}`, { next, address: offer.address });
  }

  nextSource() {
    const next = this.#offers.after(this.#offer);
    if (next) this.open(next, this.#atS);
  }

  again() {
    this.#offers.forgive(this.#offer.id);
    this.open(this.#offer, this.#atS);
  }

  #plan(offer, atS) {
    const player = { ...abilities(this.#video), bandwidth_bps: bandwidth(), max_height: wishes().lines ?? 0 };
    const question = { source: offer.id, start_s: atS, player };
    return this.#call("POST", this.#path, question, { timeoutMs: PLAN_WITHIN_MS });
  }

  async #start(plan, atS, mine) {
    this.#openedAtS = atS;
    this.#late = setTimeout(() => this.failed(`It did not begin within ${BEGIN_WITHIN_MS / 1000} seconds.`), BEGIN_WITHIN_MS);
    try {
      await this.#engine.open(plan, atS);
    } catch {
      if (mine === this.#opened) this.failed("The player could not be loaded.");
      return;
    }
    if (mine === this.#opened) await this.play();
  }

  #isPlaying() {
    clearTimeout(this.#late);
    this.#cover.film();
    this.#offers.playing(this.#offer.id);
  }

  #cameBack() {
    if (this.#offer === null || !this.#opened) return;
    if (this.#video.error || !this.#video.currentSrc) this.open(this.#offer, this.atS);
    else this.#engine.again();
  }
}
