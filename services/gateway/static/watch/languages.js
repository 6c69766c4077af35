// Languages as films and addons write them ("eng", "en", "pt-BR", "pob"), brought to one word, and their names.
const OWN_WORDS = { pob: "pt-BR", pb: "pt-BR", zht: "zh-TW", zhe: "zh-CN", scc: "sr", spn: "es" };
const NAMES = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

export function languageOf(word) {
  try {
    return Intl.getCanonicalLocales(OWN_WORDS[word.toLowerCase()] ?? word)[0];
  } catch {
    return word;
  }
}

// What nobody has a name for is shown as it is written.
export function languageName(word) {
  try {
    return NAMES.of(languageOf(word)) ?? word;
  } catch {
    return word;
  }
}

// A track's name beside its language's, unless one says the other.
export function trackWords(name, word) {
  const language = word && languageName(word);
  if (!name || !language) return name || language;
  if (languageOf(name) === languageOf(word)) return language;
  return name.toLowerCase().includes(language.toLowerCase()) ? name : `${language} · ${name}`;
}

// A regional form stands for its language where nothing is nearer.
export function isSameLanguage(one, other) {
  const base = (word) => languageOf(word).split("-")[0];
  return Boolean(one && other) && base(one) === base(other);
}
