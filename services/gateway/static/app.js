// What HTML alone can't do. Every page works without any of it.
import { walkByArrows } from "./arrows.js";
import { offerCopies } from "./copy.js";
import { answerInPlace } from "./forms.js";
import { dropBrokenImages } from "./images.js";
import { closeMenus, showPresentTab } from "./menus.js";
import { fillRows } from "./rows.js";
import { sendUnsent } from "./unsent.js";

dropBrokenImages(document);
walkByArrows(document);
closeMenus(document);
answerInPlace(document, arrive);
arrive(document);
sendUnsent(document.body);

// Called again for each piece of page that is put in later.
function arrive(root) {
  offerCopies(root);
  fillRows(root);
  showPresentTab(root);
}
