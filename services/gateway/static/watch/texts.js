// Subtitles: those of addons beside the film's own, and which of all are wished for.
import { isSameLanguage, languageName, languageOf, trackWords } from "./languages.js";
import { wish, wishes } from "./kept.js";

const MOST_OF_LANGUAGE = 4;

export class Texts {
  #engine;
  #call;
  #path;
  #say;
  #known = 0;
  #isWanted = false;
  #none = "Looking for subtitles…";

  // `say` takes words for whoever turned them on or off: until somebody speaks, a film looks the same either way.
  constructor(engine, call, path, say) {
    this.#engine = engine;
    this.#call = call;
    this.#path = path;
    this.#say = say;
  }

  // Once for the page: they are of the video, whichever source plays.
  async load() {
    try {
      const { items } = await this.#call("GET", this.#path);
      this.#engine.addSubtitles(inOrder(items));
      this.#none = "There are no subtitles for this.";
    } catch {
      this.#none = "Your addons could not be asked for subtitles.";
    }
    if (this.#isWanted && this.#engine.subtitles.length === 0) this.#say(this.#none);
  }

  // What was chosen is remembered by its language, since numbers mean something else in the next film; where
  // none is wished for, too, for who wants them back.
  choose(id) {
    this.#engine.subtitle = id;
    const language = this.#engine.subtitles[id]?.language ?? "";
    wish({ subtitle: language, ...(language ? { read: language } : {}) });
  }

  // Asked for before any is known, they are shown as soon as they come, unless asked for once more.
  toggle() {
    const tracks = this.#engine.subtitles;
    this.#isWanted = tracks.length === 0 && !this.#isWanted;
    if (tracks.length === 0) {
      this.#say(this.#none);
      return;
    }
    const id = this.#engine.subtitle >= 0 ? -1 : Math.max(0, nearest(tracks, mine()));
    this.choose(id);
    this.#say(id < 0 ? "Subtitles off" : `Subtitles: ${trackWords(tracks[id].name, tracks[id].language) || "on"}`);
  }

  // Some come later than the film: hls.js reads its own after the first segments, addons take their time.
  meet() {
    const count = this.#engine.subtitles.length;
    const areNew = count > this.#known && this.#engine.subtitle < 0;
    this.#known = count;
    if (areNew && this.#isWanted) this.toggle();
    else if (areNew) this.apply();
  }

  apply() {
    const { subtitle } = wishes();
    this.#engine.subtitle = subtitle ? nearest(this.#engine.subtitles, [subtitle]) : -1;
  }
}

// The very same language before another form of it; -1 where there is none.
function nearest(tracks, languages) {
  for (const language of languages) {
    const same = tracks.findIndex((track) => track.language && languageOf(track.language) === languageOf(language));
    const found = same >= 0 ? same : tracks.findIndex((track) => isSameLanguage(track.language, language));
    if (found >= 0) return found;
  }
  return -1;
}

function mine() {
  return [wishes().read, ...navigator.languages].filter(Boolean);
}

// One's own languages first, the others by name; the best of each addon first, as it told them.
function inOrder(items) {
  const languages = mine();
  const counts = new Map();
  const kept = [];
  for (const { language, addon_name: addon, url } of items) {
    const count = (counts.get(languageOf(language)) ?? 0) + 1;
    counts.set(languageOf(language), count);
    const name = `${languageName(language)}${count > 1 ? ` ${count}` : ""} · ${addon}`;
    if (count <= MOST_OF_LANGUAGE) kept.push({ language, name, url, place: placeOf(language, languages) });
  }
  return kept.sort((one, other) => one.place - other.place || languageName(one.language).localeCompare(languageName(other.language)));
}

function placeOf(language, languages) {
  const place = languages.findIndex((each) => isSameLanguage(each, language));
  return place < 0 ? languages.length : place;
}
