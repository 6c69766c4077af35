// Copy buttons: hidden in the HTML, shown here, since they can do nothing without script.
export function offerCopies(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const words = button.querySelector("[data-words]") ?? button;
  const before = words.textContent;
  words.textContent = (await write(button.dataset.copy)) ? "Copied" : "Press Ctrl+C to copy";
  setTimeout(() => (words.textContent = before), 2000);
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeBySelection(text);
  }
}

// The clipboard interface is missing on plain http from another machine; the old way still works there.
function writeBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden-text";
  document.body.append(field);
  const before = document.activeElement;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
