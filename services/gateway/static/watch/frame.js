// A page of a site that the operator has set, in a frame of its own: it is shown, and trusted with nothing.
// What it says of where it is counts only if it comes from that frame and that site, and makes sense.
const MOST_CHARS = 4096;
const LONGEST_S = 24 * 3600;
const EVERY_MS = 10000;
const EVENTS = { timeupdate: "heartbeat", seeked: "heartbeat", play: "heartbeat", pause: "pause", ended: "complete" };

export class Frame {
  #stage;
  #progress;
  #element = null;
  #site = null;
  #toldAt = 0;

  constructor(stage, progress) {
    this.#stage = stage;
    this.#progress = progress;
    addEventListener("message", (event) => this.#hear(event));
  }

  // `site` has url, origin and messages, as the hub names them.
  open(site, title) {
    this.close();
    this.#site = site;
    this.#element = Object.assign(document.createElement("iframe"), {
      className: "stage__frame",
      title,
      allow: "autoplay; fullscreen; picture-in-picture; encrypted-media",
      referrerPolicy: "no-referrer",
    });
    // Scripts of its own origin, which is not the hub's: no windows, no way to lead this page elsewhere.
    this.#element.setAttribute("sandbox", "allow-scripts allow-same-origin allow-presentation");
    this.#element.src = site.url;
    this.#stage.append(this.#element);
  }

  close() {
    this.#element?.remove();
    this.#element = this.#site = null;
  }

  #hear(event) {
    if (this.#element === null || event.source !== this.#element.contentWindow || event.origin !== this.#site.origin) return;
    const said = read(event.data);
    const { messages } = this.#site;
    if (said === null || said.type !== messages.type) return;
    const kind = EVENTS[member(said, messages.event)];
    const positionS = member(said, messages.position_s);
    const durationS = member(said, messages.duration_s);
    if (!kind || !isTime(positionS) || !isTime(durationS) || durationS === 0 || positionS > durationS + 1) return;
    this.#tell(kind, positionS, durationS);
  }

  async #tell(kind, positionS, durationS) {
    const now = Date.now();
    this.#progress.keep(positionS, durationS);
    if (kind === "heartbeat" && now - this.#toldAt < EVERY_MS) return;
    this.#toldAt = now;
    await this.#progress.begin(positionS, durationS);
    this.#progress.tell(kind, positionS, durationS);
  }
}

function read(data) {
  if (typeof data !== "string") return typeof data === "object" ? data : null;
  if (data.length > MOST_CHARS) return null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

// Only what the message itself holds: a name that every object has leads nowhere.
function member(said, path) {
  return path.split(".").reduce((value, name) => (value !== null && typeof value === "object" && Object.hasOwn(value, name) ? value[name] : undefined), said);
}

function isTime(value) {
  return typeof value === "number" && value >= 0 && value <= LONGEST_S;
}
