// How fast the line to the hub is, as last measured. Older than a week it says nothing any more.
import { remember, remembered } from "./kept.js";

const KEY = "headgate.line";
const WEEK_MS = 7 * 24 * 3600 * 1000;

export function bandwidth() {
  const { bps = 0, at = 0 } = remembered(KEY, {});
  return Date.now() - at < WEEK_MS ? bps : 0;
}

export function measured(bps) {
  if (Number.isFinite(bps) && bps > 0) remember(KEY, { bps: Math.round(bps), at: Date.now() });
}

export function lineWords(bps) {
  return bps ? `Your line to the hub: about ${(bps / 1e6).toFixed(bps < 1e7 ? 1 : 0)} Mbit/s` : "";
}
