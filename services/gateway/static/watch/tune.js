// Quality, sound, subtitles and speed, as rows of choices: arrows choose within a row and walk between rows.
import { trackWords } from "./languages.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const LINES = [1080, 720, 480, 360];

export class Tune {
  #panel;

  // `chosen` takes what is chosen and the value of the choice. Of qualities a value is "auto", "level:ID" of
  // those that are there, or "lines:480" of what the hub would have to make.
  constructor(panel, chosen) {
    this.#panel = panel;
    panel.addEventListener("change", (event) => {
      const what = event.target.closest("[data-choice]")?.dataset.choice;
      if (what) chosen(what, event.target.value);
    });
  }

  // `lines` is the bound that somebody has set, 0 for none.
  show(engine, video, lines) {
    this.#row("quality", qualities(engine, video, lines), engine.quality < 0 ? "auto" : `level:${engine.quality}`);
    this.#row("sound", engine.sounds.map(named), String(engine.sound), 2);
    this.#row("subtitles", [{ value: "-1", words: "Off" }, ...engine.subtitles.map(named)], String(engine.subtitle), 2);
    this.#row("speed", SPEEDS.map(speedChoice), String(video.playbackRate));
  }

  #row(what, choices, present, least = 1) {
    const set = this.#panel.querySelector(`[data-choice="${what}"]`);
    const row = set.querySelector("div");
    set.hidden = choices.length < least;
    if (!renamed([...row.querySelectorAll("input")], choices)) {
      row.replaceChildren(...choices.map((choice) => option(what, choice)));
    }
    for (const input of row.querySelectorAll("input")) input.checked = input.value === present;
  }
}

export function nextSpeed(speed, step) {
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(speed) + step))];
}

export function linesBelow(height) {
  return LINES.filter((lines) => lines < height);
}

// Choices that are there stay the same elements when only their words change: somebody may be about to click
// one, or have the focus on it. False where the choices are others.
function renamed(inputs, choices) {
  if (inputs.length !== choices.length || inputs.some((input, n) => input.value !== choices[n].value)) return false;
  inputs.forEach((input, n) => (input.nextSibling.data = choices[n].words));
  return true;
}

function qualities(engine, video, lines) {
  const height = video.videoHeight;
  const playing = height ? ` (${height}p)` : "";
  const whole = lines ? [{ value: "lines:0", words: "Original" }] : [];
  const levels = engine.qualities.map(({ id, height: of, bitrate }) => ({ value: `level:${id}`, words: `${of}p · ${megabits(bitrate)}` }));
  if (levels.length) return [{ value: "auto", words: `Automatic${playing}` }, ...levels.reverse(), ...whole];
  const below = linesBelow(height).map((of) => ({ value: `lines:${of}`, words: `${of}p` }));
  return [{ value: "auto", words: `Original${playing}` }, ...below];
}

function megabits(bitrate) {
  return `${(bitrate / 1e6).toFixed(1)} Mbit/s`;
}

function speedChoice(speed) {
  return { value: String(speed), words: speed === 1 ? "Normal" : `${speed} ×` };
}

function named({ id, name, language }) {
  return { value: String(id), words: trackWords(name, language) || `Track ${id + 1}` };
}

function option(what, { value, words }) {
  const label = document.createElement("label");
  label.append(Object.assign(document.createElement("input"), { type: "radio", name: what, value }), words);
  return label;
}
