// Rows that were not ready in time arrive as HTML and take the place of their skeletons.
import { offerCopies } from "./copy.js";

const ATTEMPTS = 3;

// A row is asked for shortly before it comes into view.
const watcher = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      fill(target, ATTEMPTS);
    }
  },
  { rootMargin: "600px 0px" },
);

export function fillRows(root) {
  for (const row of root.querySelectorAll("[data-row]")) watcher.observe(row);
}

async function fill(row, attempts) {
  const html = await fetchHtml(row.dataset.row);
  if (html === null && attempts > 1) {
    setTimeout(() => fill(row, attempts - 1), 1500);
    return;
  }
  if (html === null) {
    row.querySelector("[data-late]")?.removeAttribute("hidden");
    row.querySelector("[data-bones]")?.remove();
    row.removeAttribute("aria-busy");
    return;
  }
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = [...template.content.children];
  const held = row.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  row.replaceWith(template.content);
  if (held) document.querySelector(`main a[href="${CSS.escape(held)}"]`)?.focus();
  for (const part of fresh) offerCopies(part);
}

async function fetchHtml(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}
