// Figures that change by themselves: the part is fetched again and again, quietly, while somebody may see it.
for (const part of document.querySelectorAll("[data-refresh]")) next(part);

function next(part) {
  setTimeout(() => refresh(part), 1000 * Number(part.dataset.every));
}

async function refresh(part) {
  if (!part.isConnected) return;
  if (!document.hidden && !isInUse(part)) {
    const html = await fetchHtml(part.dataset.refresh);
    if (html !== null && part.isConnected && !isInUse(part)) replace(part, html);
    part.toggleAttribute("data-stale", html === null);
  }
  next(part);
}

// What somebody has unfolded stays unfolded.
function replace(part, html) {
  const unfolded = Array.from(part.querySelectorAll("details[open][id]"), (fold) => fold.id);
  part.innerHTML = html;
  for (const fold of part.querySelectorAll("details[id]")) {
    if (unfolded.includes(fold.id)) fold.open = true;
  }
}

// Whoever reads with the keyboard, or marks text, must not lose the place.
function isInUse(part) {
  const marked = getSelection();
  return part.contains(document.activeElement) || (!marked.isCollapsed && part.contains(marked.anchorNode));
}

async function fetchHtml(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    // More than this part has changed.
    if (answer.status === 205) location.reload();
    // A session that has ended leads to the sign-in page, which is no part of this one.
    return answer.status === 200 && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}
