// The page works without this script, but for live updates, dropping files, and going back.
"use strict";

// Follows the work of this screen. Pieces of HTML come from the server alone.
for (const place of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("live", (event) => { place.innerHTML = event.data; });
  source.addEventListener("over", () => { source.close(); location.reload(); });
  // The program may have been started again: then the screen shows what has become of the work.
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) { return; }
    const again = () => fetch(location.href, { cache: "no-store" }).then(() => location.reload(), () => setTimeout(again, 1000));
    again();
  });
}

for (const button of document.querySelectorAll("[data-back]")) {
  button.hidden = false;
  button.addEventListener("click", () => history.back());
}

// A form is sent once.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => setTimeout(() => {
    for (const button of form.querySelectorAll("button")) { button.disabled = true; }
  }));
}
// A screen that the browser kept for its back button shows its buttons again.
addEventListener("pageshow", (event) => { if (event.persisted) { location.reload(); } });
