// The first source is the one for this browser, also where nothing was watched yet.
import { abilities, tellServer } from "./watch/abilities.js";
import { bandwidth } from "./watch/line.js";

tellServer(abilities(document.createElement("video")), bandwidth());
