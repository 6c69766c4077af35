// Takes a picture that can't be loaded out of the page, so that the drawn poster below it is seen whole.
export function dropBrokenImages(root) {
  root.addEventListener("error", (event) => drop(event.target), true);
  for (const image of root.querySelectorAll("img[data-over]")) {
    if (image.complete && image.naturalWidth === 0) drop(image);
  }
}

function drop(target) {
  if (target instanceof HTMLImageElement && target.hasAttribute("data-over")) target.remove();
}
