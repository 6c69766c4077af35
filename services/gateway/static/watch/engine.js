// Plays what the hub planned: a file as it is, or HLS. Of HLS it knows the qualities, sounds and subtitles.
import { languageOf } from "./languages.js";
import { bandwidth } from "./line.js";

const HLS_TYPE = "application/vnd.apple.mpegurl";
const MOST_RECOVERIES = 2;
const REMEMBERED_SHARE = 0.8;

export class Engine {
  #video;
  #files;
  #heard;
  #hls = null;
  #plan = null;
  #added = [];
  #shown = null;
  #recoveries = 0;
  #line = { bits: 0, ms: 0 };
  #stopListening = new AbortController();

  // `files` are the addresses of hls.js; `heard` takes failed(reason), changed() and unread(name).
  constructor(video, files, heard) {
    this.#video = video;
    this.#files = files;
    this.#heard = heard;
  }

  async open(plan, atS) {
    this.close();
    this.#plan = plan;
    this.#recoveries = 0;
    this.#line = { bits: 0, ms: 0 };
    const { signal } = (this.#stopListening = new AbortController());
    this.#video.addEventListener("error", () => this.#failed(reasonOf(this.#video.error)), { signal });
    if (plan.content_type.startsWith(HLS_TYPE)) await this.#openHls(plan, atS, signal);
    else this.#openFile(plan, atS, signal);
  }

  close() {
    this.#stopListening.abort();
    this.#hls?.destroy();
    this.#hls = null;
    for (const track of this.#video.querySelectorAll("track")) track.remove();
    this.#shown = null;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  // A file has its one quality; what is below it the hub would have to make.
  get qualities() {
    return (this.#hls?.levels ?? []).map((level, id) => ({ id, height: level.height, bitrate: level.bitrate }));
  }

  // -1 is automatic.
  get quality() {
    return this.#hls === null || this.#hls.autoLevelEnabled ? -1 : this.#hls.manualLevel;
  }

  set quality(id) {
    if (this.#hls) this.#hls.nextLevel = id;
  }

  get sounds() {
    return (this.#hls?.audioTracks ?? []).map((track, id) => ({ id, name: track.name, language: track.lang ?? "" }));
  }

  get sound() {
    return this.#hls?.audioTrack ?? 0;
  }

  set sound(id) {
    if (this.#hls) this.#hls.audioTrack = id;
  }

  get subtitles() {
    const all = [...this.#ownSubtitles, ...this.#added];
    return all.map((track, id) => ({ id, name: track.name, language: track.lang ?? track.language ?? "" }));
  }

  get #ownSubtitles() {
    return this.#hls?.subtitleTracks ?? this.#plan?.subtitle_tracks ?? [];
  }

  // Those of the film, without what was added.
  get #ownTexts() {
    return [...this.#video.textTracks].filter((track) => track !== this.#shown?.element.track);
  }

  // Beside the film's own, in whatever plays from now on.
  addSubtitles(tracks) {
    this.#added = tracks;
  }

  // -1 is none.
  get subtitle() {
    if (this.#shown) return this.#ownSubtitles.length + this.#added.indexOf(this.#shown.track);
    if (this.#hls) return this.#hls.subtitleDisplay ? this.#hls.subtitleTrack : -1;
    return this.#ownTexts.findIndex((track) => track.mode === "showing");
  }

  set subtitle(id) {
    const count = this.#ownSubtitles.length;
    const own = id < count ? id : -1;
    this.#show(this.#added[id - count] ?? null);
    if (this.#hls) {
      this.#hls.subtitleDisplay = own >= 0;
      this.#hls.subtitleTrack = own;
      return;
    }
    this.#ownTexts.forEach((track, n) => (track.mode = n === own ? "showing" : "disabled"));
  }

  get bandwidthBps() {
    const { bits, ms } = this.#line;
    return ms ? Math.round((1000 * bits) / ms) : 0;
  }

  // Bits in a second of the film, where it is one file; 0 where that can't be told.
  async bitrate() {
    if (this.#hls || !this.#video.currentSrc || !Number.isFinite(this.#video.duration)) return 0;
    try {
      const head = await fetch(this.#video.currentSrc, { method: "HEAD" });
      return (8 * Number(head.headers.get("Content-Length"))) / this.#video.duration;
    } catch {
      return 0;
    }
  }

  // A line that came back: goes on from where loading stopped.
  again() {
    this.#hls?.startLoad();
  }

  #openFile(plan, atS, signal) {
    this.#video.src = plan.url;
    if (atS > 0) {
      this.#video.addEventListener("loadedmetadata", () => (this.#video.currentTime = atS), { once: true, signal });
    }
    plan.subtitle_tracks.forEach((track) => this.#append(track));
    this.#video.addEventListener("loadedmetadata", () => this.#heard.changed(), { once: true, signal });
    this.#video.load();
  }

  #append({ url, language, name }) {
    const element = document.createElement("track");
    Object.assign(element, { kind: "subtitles", src: url, srclang: languageOf(language), label: name });
    this.#video.append(element);
    return element;
  }

  // Of what was added only this one is there: browsers turn others on by themselves.
  #show(track) {
    if (this.#shown?.track === track) return;
    this.#shown?.element.remove();
    this.#shown = track && { track, element: this.#append(track) };
    if (track === null) return;
    const { element } = this.#shown;
    element.track.mode = "showing";
    element.addEventListener("error", () => this.#shown?.element === element && this.#heard.unread(track.name));
  }

  async #openHls(plan, atS, signal) {
    const { default: Hls } = await import(this.#files.module);
    if (signal.aborted) return;
    if (!Hls.isSupported()) {
      this.#openFile({ ...plan, subtitle_tracks: [] }, atS, signal);
      return;
    }
    const hls = (this.#hls = new Hls({
      workerPath: this.#files.worker,
      startPosition: atS > 0 ? atS : -1,
      capLevelToPlayerSize: true,
      ...(bandwidth() ? { abrEwmaDefaultEstimate: bandwidth() } : {}),
    }));
    hls.subtitleDisplay = false;
    for (const event of ["MANIFEST_PARSED", "LEVEL_SWITCHED", "AUDIO_TRACKS_UPDATED", "SUBTITLE_TRACKS_UPDATED"]) {
      hls.on(Hls.Events[event], () => this.#heard.changed());
    }
    hls.on(Hls.Events.FRAG_LOADED, (_event, { frag }) => this.#measure(frag.stats));
    hls.on(Hls.Events.ERROR, (_event, data) => data.fatal && this.#fatal(Hls, data));
    hls.loadSource(plan.url);
    hls.attachMedia(this.#video);
  }

  // What a part takes from its first byte on: until then the hub may be making it, which is not the line's doing.
  #measure({ loaded, loading }) {
    this.#line.bits = this.#line.bits * REMEMBERED_SHARE + 8 * loaded;
    this.#line.ms = this.#line.ms * REMEMBERED_SHARE + Math.max(1, loading.end - loading.first);
  }

  #fatal(Hls, data) {
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#recoveries < MOST_RECOVERIES) {
      this.#recoveries += 1;
      this.#hls.recoverMediaError();
      return;
    }
    const status = data.response?.code;
    const isLine = data.type === Hls.ErrorTypes.NETWORK_ERROR;
    this.#failed(isLine ? answerWords(status) : "This browser can't play what it sends.");
  }

  #failed(reason) {
    if (this.#plan !== null) this.#heard.failed(reason);
  }
}

function answerWords(status) {
  return status ? `Its provider's answer was ${status}.` : "It does not answer.";
}

function reasonOf(error) {
  if (error?.code === MediaError.MEDIA_ERR_NETWORK) return "It broke off.";
  if (error?.code === MediaError.MEDIA_ERR_DECODE) return "It is damaged, or in a form that this browser can't read.";
  return "It does not answer, or is nothing that this browser can play.";
}
