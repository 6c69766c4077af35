// What this browser can play, in the words that the hub's question has for it.
const CODECS = {
  h264: 'video/mp4; codecs="avc1.640028"',
  hevc: 'video/mp4; codecs="hvc1.1.6.L120.90"',
  av1: 'video/mp4; codecs="av01.0.08M.08"',
  vp9: 'video/mp4; codecs="vp09.00.10.08"',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  mp3: "audio/mpeg",
  ac3: 'audio/mp4; codecs="ac-3"',
  eac3: 'audio/mp4; codecs="ec-3"',
  opus: 'audio/mp4; codecs="opus"',
  flac: 'audio/mp4; codecs="flac"',
};
const CONTAINERS = { mp4: "video/mp4", webm: "video/webm" };

export function abilities(video) {
  const can = (type) => video.canPlayType(type) !== "";
  const those = (known) => Object.keys(known).filter((name) => can(known[name]));
  return { containers: those(CONTAINERS), codecs: those(CODECS) };
}

// The server sends sources, from the next request on, in an order that suits this browser and its line.
export function tellServer({ codecs }, bandwidthBps) {
  document.cookie = `headgate_player=${codecs.join(".")}~${bandwidthBps}; Path=/; Max-Age=604800; SameSite=Strict`;
}
