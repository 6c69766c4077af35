// Arrow keys move the focus to the nearest thing in that direction, as a television remote does.
const WALKABLE = "a[href], button:not([disabled]), summary, input:not([type=hidden]), select";
const DIRECTIONS = {
  ArrowLeft: { along: (from, to) => from.left - to.right, across: vertical },
  ArrowRight: { along: (from, to) => to.left - from.right, across: vertical },
  ArrowUp: { along: (from, to) => from.top - to.bottom, across: horizontal },
  ArrowDown: { along: (from, to) => to.top - from.bottom, across: horizontal },
};

const KNOWS_OPEN = CSS.supports("selector(:open)");

export function walkByArrows(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isShut(event.target)) {
      event.preventDefault();
      event.target.showPicker();
    }
    const direction = DIRECTIONS[event.key];
    if (!direction || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (keepsArrows(event.target, event.key)) return;
    const next = nearest(root.activeElement, direction);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    next.scrollIntoView({ block: "nearest", inline: "nearest", behavior: calm ? "auto" : "smooth" });
  });
}

// Text fields need left and right for themselves; lists and boxes need all four. A choice that is shut is walked
// past, or a remote, which has nothing but arrows and Enter, would change it and never leave it.
function keepsArrows(element, key) {
  if (element instanceof HTMLSelectElement) return !isShut(element);
  if (element instanceof HTMLTextAreaElement) return true;
  if (!(element instanceof HTMLInputElement) || element.type === "checkbox") return false;
  return key === "ArrowLeft" || key === "ArrowRight";
}

function nearest(active, direction) {
  const all = [...document.querySelectorAll(WALKABLE)].filter((item) => item !== active && isSeen(item));
  if (!active || active === document.body || active.id === "main") {
    return all.find((item) => item.closest("main")) ?? null;
  }
  const from = active.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const item of all) {
    const to = item.getBoundingClientRect();
    const along = direction.along(from, to);
    if (along < -4) continue;
    // Staying in the same line counts more than being a little closer.
    const cost = Math.max(along, 0) + 3 * direction.across(from, to);
    if (cost < least) {
      least = cost;
      best = item;
    }
  }
  return best;
}

function isSeen(item) {
  return item.checkVisibility ? item.checkVisibility({ visibilityProperty: true }) : item.offsetParent !== null;
}

function isShut(element) {
  return KNOWS_OPEN && element instanceof HTMLSelectElement && !element.multiple && !element.matches(":open");
}

function vertical(from, to) {
  return Math.max(0, from.top - to.bottom, to.top - from.bottom) || Math.abs(middleY(from) - middleY(to)) / 8;
}

function horizontal(from, to) {
  return Math.max(0, from.left - to.right, to.left - from.right) || Math.abs(middleX(from) - middleX(to)) / 8;
}

function middleX(box) {
  return (box.left + box.right) / 2;
}

function middleY(box) {
  return (box.top + box.bottom) / 2;
}
