// Media keys, headsets and the system's own player show what is watched and lead back here.
export function listenToRemote({ name, part, poster }, act) {
  const session = navigator.mediaSession;
  if (!session) return;
  const artwork = poster ? [{ src: poster }] : [];
  session.metadata = new MediaMetadata({ title: part || name, artist: part ? name : "", artwork });
  const keys = { play: "toggle", pause: "toggle", seekbackward: "back", seekforward: "ahead", nexttrack: "next" };
  for (const [key, action] of Object.entries(keys)) session.setActionHandler(key, () => act(action));
}
