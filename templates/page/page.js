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

// The order of a list is changed by dragging a line, or by the arrow keys on its handle.
for (const list of document.querySelectorAll("[data-order]")) {
  let dragged = null;
  for (const line of list.children) {
    line.draggable = true;
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = "handle";
    handle.textContent = "\u2195";
    handle.setAttribute("aria-label", list.dataset.order);
    handle.addEventListener("keydown", (event) => {
      if (event.key === "ArrowUp" && line.previousElementSibling) { line.previousElementSibling.before(line); }
      else if (event.key === "ArrowDown" && line.nextElementSibling) { line.nextElementSibling.after(line); }
      else { return; }
      event.preventDefault();
      handle.focus();
    });
    line.prepend(handle);
    line.addEventListener("dragstart", () => { dragged = line; });
    line.addEventListener("dragover", (event) => {
      if (!dragged || dragged === line) { return; }
      event.preventDefault();
      const box = line.getBoundingClientRect();
      if (event.clientY < box.top + box.height / 2) { line.before(dragged); } else { line.after(dragged); }
    });
    line.addEventListener("dragend", () => { dragged = null; });
  }
}
