// What this browser remembers between visits. A browser that keeps nothing forgets, and all else goes on.
export function remembered(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden.
  }
}

const WISHES = "headgate.player";

// How this browser's people like to watch: volume, speed, quality, languages.
export function wishes() {
  return remembered(WISHES, {});
}

export function wish(changes) {
  remember(WISHES, { ...wishes(), ...changes });
}
