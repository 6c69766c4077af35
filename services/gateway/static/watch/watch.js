// The watch page: puts its parts together and gives each key and button what it does.
import { abilities, tellServer } from "./abilities.js";
import { Bar, clock } from "./bar.js";
import { caller } from "./call.js";
import { Cover } from "./cover.js";
import { offerCopies } from "../copy.js";
import { Engine } from "./engine.js";
import { Frame } from "./frame.js";
import { listenToKeys } from "./keys.js";
import { wish, wishes } from "./kept.js";
import { isSameLanguage } from "./languages.js";
import { bandwidth, lineWords, measured } from "./line.js";
import { Offers } from "./offers.js";
import { Playing } from "./playing.js";
import { follow, Progress } from "./progress.js";
import { Queue } from "./queue.js";
import { listenToRemote } from "./remote.js";
import { Stalls } from "./stalls.js";
import { Texts } from "./texts.js";
import { linesBelow, nextSpeed, Tune } from "./tune.js";
import { UpNext } from "./upnext.js";

const STEP_S = 10;
const LOUDER = 0.05;
const NOTE_MS = 8000;
const MEASURE_MS = 5000;

const stage = document.getElementById("stage");
const about = stage.dataset;
const video = stage.querySelector("video");
const panels = { tune: document.getElementById("tune"), help: document.getElementById("keys") };
const call = caller(about.csrf);
const resumeS = Number(about.position);
const cover = new Cover(stage);
const bar = new Bar(stage, video);
const list = document.querySelector("[data-sources]");
const offers = new Offers(list);
const engine = new Engine(video, { module: about.hls, worker: about.hlsWorker }, { failed: (reason) => playing.failed(reason), changed, unread });
const asked = `${encodeURIComponent(about.type)}/${encodeURIComponent(about.video)}`;
const texts = new Texts(engine, call, `/api/v1/subtitles/${asked}`, (words) => note(words));
const progress = new Progress(watched(), call, new Queue(document.body.dataset.profile, call));
const frame = new Frame(stage, progress);
const playing = new Playing({ video, engine, offers, cover, call, note, path: `/api/v1/playback/${asked}` });
const tune = new Tune(panels.tune, choose);
const card = stage.querySelector("[data-upnext]");
const upNext = card ? new UpNext(card, video, goOn) : null;
let toApply = false;

const actions = {
  begin: () => (video.currentSrc && !video.error ? playing.play() : begin(resumeS)),
  restart: () => begin(0),
  toggle,
  back: () => seek(video.currentTime - STEP_S),
  ahead: () => seek(video.currentTime + STEP_S),
  tenth: (tenth) => seek((video.duration * tenth) / 10),
  mute: () => (video.muted = !video.muted),
  louder: () => louder(LOUDER),
  quieter: () => louder(-LOUDER),
  slower: () => speed(nextSpeed(video.playbackRate, -1)),
  faster: () => speed(nextSpeed(video.playbackRate, 1)),
  subtitle: () => {
    texts.toggle();
    changed();
  },
  full: toggleFull,
  inset: toggleInset,
  next: () => upNext && goOn(),
  stay: () => upNext?.refuse(),
  tune: () => unfold("tune"),
  help: () => unfold("help"),
  enter: () => stage.querySelector("[data-bar] [data-do=toggle]").focus(),
  leave,
  again: () => playing.again(),
  "next-source": () => playing.nextSource(),
};

function begin(atS) {
  const offer = offers.first();
  if (offer?.how === "frame") showFrame(offer, atS);
  else if (offer) playing.open(offer, atS);
}

function toggle() {
  if (!video.currentSrc) return actions.begin();
  return video.paused ? playing.play() : video.pause();
}

function seek(seconds) {
  if (Number.isFinite(video.duration)) video.currentTime = Math.min(Math.max(0, seconds), video.duration);
}

function louder(by) {
  video.muted = false;
  video.volume = Math.min(1, Math.max(0, video.volume + by));
}

function speed(rate) {
  video.defaultPlaybackRate = video.playbackRate = rate;
  note(rate === 1 ? "Normal speed" : `${rate} times the speed`);
  changed();
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (stage.requestFullscreen) stage.requestFullscreen();
  else video.webkitEnterFullscreen?.();
}

function toggleInset() {
  if (document.pictureInPictureElement) document.exitPictureInPicture();
  else if (document.pictureInPictureEnabled && video.readyState > 0) video.requestPictureInPicture();
}

function unfold(which) {
  for (const [name, panel] of Object.entries(panels)) {
    const button = stage.querySelector(`[data-bar] [data-do="${name}"]`);
    const hadFocus = panel.contains(document.activeElement);
    panel.hidden = name !== which || !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden && hadFocus) button.focus();
  }
  if (which === "tune" && !panels.tune.hidden) panels.tune.querySelector("input:checked")?.focus();
  if (which === "help" && !panels.help.hidden) panels.help.querySelector("button").focus();
}

function leave() {
  const open = Object.keys(panels).find((name) => !panels[name].hidden);
  if (open) unfold(open);
  stage.focus();
}

function choose(what, value) {
  const [kind, number] = value.split(":");
  if (what === "speed") speed(Number(value));
  else if (what === "sound") chooseSound(Number(value));
  else if (what === "subtitles") texts.choose(Number(value));
  else if (kind === "lines") makeLines(Number(number));
  else chooseLevel(kind === "level" ? Number(number) : -1);
  changed();
}

function chooseSound(id) {
  engine.sound = id;
  wish({ sound: engine.sounds[id]?.language ?? "" });
}

function unread(name) {
  engine.subtitle = -1;
  changed();
  note(`${name}: these subtitles can't be loaded. Choose others.`);
}

function chooseLevel(id) {
  engine.quality = id;
  wish({ height: engine.qualities[id]?.height ?? 0 });
}

function makeLines(lines) {
  wish({ lines, height: 0 });
  playing.open(playing.offer, video.currentTime);
}

function changed() {
  if (toApply && (engine.qualities.length || video.readyState > 0)) applyWishes();
  texts.meet();
  tune.show(engine, video, wishes().lines ?? 0);
}

function applyWishes() {
  toApply = false;
  const { height, sound } = wishes();
  const level = engine.qualities.findIndex((quality) => quality.height === height);
  if (level >= 0) engine.quality = level;
  const voice = engine.sounds.findIndex((track) => isSameLanguage(track.language, sound));
  if (voice >= 0) engine.sound = voice;
  texts.apply();
}

function goOn() {
  const address = new URL(card.querySelector("[data-next]").href);
  if (playing.offer?.group) address.searchParams.set("group", playing.offer.group);
  address.hash = "play";
  location.assign(address);
}

let noted = 0;
function note(words, button = null) {
  clearTimeout(noted);
  const line = stage.querySelector("[data-note]");
  line.replaceChildren(words, ...(button ? [button] : []));
  noted = setTimeout(() => line.replaceChildren(), NOTE_MS);
}

function noteButton(words, does) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button--small" });
  button.textContent = words;
  button.addEventListener("click", does);
  return button;
}

function sayResumed() {
  note(`Going on at ${clock(resumeS)}.`, noteButton("From the beginning", () => seek(0)));
}

function listen() {
  listenToKeys(stage, (action, value) => {
    bar.wake();
    actions[action](value);
  });
  stage.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]();
    else if (event.target.closest("[data-next]")) {
      event.preventDefault();
      goOn();
    }
  });
  video.addEventListener("click", () => matchMedia("(hover: hover)").matches && toggle());
  video.addEventListener("dblclick", toggleFull);
  video.addEventListener("loadstart", () => (toApply = true));
  video.addEventListener("loadstart", () => texts.load().then(changed), { once: true });
  for (const event of ["loadedmetadata", "resize", "ratechange"]) video.addEventListener(event, changed);
  video.addEventListener("volumechange", () => wish({ volume: video.volume, isMuted: video.muted }));
  list.addEventListener("click", (event) => {
    const anchor = event.target.closest("[data-play]");
    if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    pick(offers.get(anchor.closest("[data-offer]").dataset.offer));
    stage.scrollIntoView({ block: "center" });
    stage.focus({ preventScroll: true });
  });
}

// Of HLS the player takes a lower quality by itself; of a file somebody has to want it.
async function stalled(share, isOften) {
  if (engine.qualities.length) return;
  measured(share * (await engine.bitrate()));
  const [lines] = linesBelow(video.videoHeight);
  if (!isOften || lines === undefined) return;
  note("Your line is too slow for this source.", noteButton(`Play it in ${lines}p`, () => makeLines(lines)));
}

function pick(offer) {
  const atS = video.currentSrc ? playing.atS : resumeS;
  frame.close();
  if (offer.how === "frame") showFrame(offer, atS);
  else playing.open(offer, atS);
}

// The address that begins where the film was left is asked for when it is wanted.
async function showFrame(offer, atS) {
  video.pause();
  cover.loading("Getting it ready…");
  try {
    const { items } = await call("GET", `/api/v1/embeds/${asked}?start_s=${Math.floor(atS)}`);
    const site = items.find((item) => offer.link.startsWith(`${item.origin}/`));
    if (!site) throw new Error("The site does not have it now.");
    cover.film();
    frame.open(site, offer.name);
    offers.playing(offer.id);
  } catch (error) {
    playing.elsewhere({ ...offer, how: "elsewhere" }, `${offer.name} did not open: ${error.message}`);
  }
}

function showLine() {
  document.querySelector("[data-offline]").hidden = navigator.onLine;
}

function measure() {
  measured(engine.bandwidthBps);
  tellServer(abilities(video), bandwidth());
  stage.querySelector("[data-measured]").textContent = lineWords(bandwidth());
}

async function arrive() {
  stage.hidden = false;
  video.volume = wishes().volume ?? 1;
  video.muted = wishes().isMuted ?? false;
  stage.querySelector("[data-bar] [data-do=inset]").hidden = !document.pictureInPictureEnabled;
  stage.focus({ preventScroll: true });
  listen();
  for (const event of ["online", "offline"]) addEventListener(event, showLine);
  showLine();
  measure();
  setInterval(measure, MEASURE_MS);
  if (offers.isEmpty) cover.loading("Asking your addons…");
  const completed = offers.complete().then(() => offerCopies(list));
  if (offers.isEmpty) await completed;
  const first = offers.first();
  if (!first) cover.empty();
  else if (first.how === "frame") cover.ready("Play in its own player");
  else if (first.how !== "here") playing.elsewhere(first);
  else if (location.hash === "#play") startAtOnce();
  else if (resumeS > 0) cover.ready(`Resume at ${clock(resumeS)}`, { canRestart: true });
  else cover.ready("Play");
}

function startAtOnce() {
  if (resumeS > 0) video.addEventListener("playing", sayResumed, { once: true });
  begin(resumeS);
}

function watched() {
  const number = (text) => (text === undefined ? undefined : Number(text));
  return {
    id: about.video,
    type: about.type,
    titleId: about.title,
    season: number(about.season),
    episode: number(about.episode),
    name: about.titleName,
    poster: about.poster || undefined,
  };
}

new Stalls(video, stalled);
listenToRemote({ name: about.titleName, part: about.part, poster: about.poster }, (action) => actions[action]());
follow(video, progress);
arrive();
