// Reports that could not be sent, kept until they can be. The newest report of a video says all that counts,
// so one for each video is kept. Each profile has its own: whoever signs in next must not send them.
import { remember, remembered } from "./kept.js";

const MOST_VIDEOS = 100;

export class Queue {
  #key;
  #call;
  #sending = false;

  constructor(profileId, call) {
    this.#key = `headgate.unsent.${profileId}`;
    this.#call = call;
  }

  get size() {
    return Object.keys(remembered(this.#key, {})).length;
  }

  add(item) {
    const { [item.video_id]: _older, ...others } = remembered(this.#key, {});
    const kept = [...Object.entries(others), [item.video_id, item]].slice(-MOST_VIDEOS);
    remember(this.#key, Object.fromEntries(kept));
  }

  // A newer report has arrived at the hub.
  drop(videoId) {
    this.#without([videoId], () => true);
  }

  async send() {
    const items = Object.values(remembered(this.#key, {}));
    if (this.#sending || items.length === 0) return;
    this.#sending = true;
    try {
      await this.#call("POST", "/api/v1/progress", { items });
      const sent = new Map(items.map((item) => [item.video_id, item.at]));
      this.#without([...sent.keys()], (item) => item.at === sent.get(item.video_id));
    } catch (error) {
      // What the hub can't read today it won't read tomorrow.
      if (!error.isPassing && error.status !== 401 && error.status !== 403) remember(this.#key, null);
    } finally {
      this.#sending = false;
    }
  }

  #without(videoIds, isMeant) {
    const kept = Object.entries(remembered(this.#key, {})).filter(
      ([id, item]) => !videoIds.includes(id) || !isMeant(item),
    );
    remember(this.#key, kept.length ? Object.fromEntries(kept) : null);
  }
}
