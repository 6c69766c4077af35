// The keyboard. On the stage itself arrows seek and change the volume; among its buttons they walk.
const ON_STAGE = {
  " ": "toggle",
  ArrowLeft: "back",
  ArrowRight: "ahead",
  ArrowUp: "louder",
  ArrowDown: "quieter",
  Enter: "enter",
};
const EVERYWHERE = {
  k: "toggle",
  f: "full",
  m: "mute",
  c: "subtitle",
  p: "inset",
  n: "next",
  "<": "slower",
  ">": "faster",
  "?": "help",
  Escape: "leave",
};

export function listenToKeys(stage, act) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const action = actionOf(event, stage);
    if (action === null) return;
    event.preventDefault();
    event.stopPropagation();
    act(...action);
  }, true);
}

function actionOf(event, stage) {
  const target = event.target;
  if (target.closest?.("input:not([type=range]):not([type=radio]), textarea, select, [contenteditable]")) return null;
  const onStage = target === stage || target === document.body || target.tagName === "VIDEO";
  if (onStage && ON_STAGE[event.key]) return [ON_STAGE[event.key]];
  if (target.matches?.("[data-seek]")) {
    if (event.key === "ArrowLeft") return ["back"];
    if (event.key === "ArrowRight") return ["ahead"];
  }
  if (!onStage && !stage.contains(target)) return null;
  if (/^[0-9]$/.test(event.key)) return ["tenth", Number(event.key)];
  const named = EVERYWHERE[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  return named ? [named] : null;
}
