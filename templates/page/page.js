// The page works without this script, but for live updates, dropping files, and going back.
"use strict";

// Shows a new piece of HTML in a place. What is the same stays, and so do the focus and what was folded open.
function show(place, piece) {
  if (place.dataset.shown === piece) { return; }
  place.dataset.shown = piece;
  const parts = () => [...place.querySelectorAll("a, button, summary")];
  const focused = parts().indexOf(document.activeElement);
  const open = [...place.querySelectorAll("details")].map((part) => part.open);
  place.innerHTML = piece;
  place.querySelectorAll("details").forEach((part, number) => { part.open = open[number] ?? part.open; });
  if (focused >= 0) { parts()[focused]?.focus(); }
}

// Follows the work of this screen, while somebody looks: a browser keeps few connections open. Pieces of HTML come from
// the server alone. What changes with every row is shown; a screen reader says what changes the state.
for (const place of document.querySelectorAll("[data-live]")) {
  const heard = document.createElement("p");
  heard.className = "heard";
  heard.setAttribute("aria-live", "polite");
  const lost = document.createElement("p");
  lost.className = "note";
  lost.setAttribute("role", "status");
  lost.textContent = place.dataset.lost;
  lost.hidden = true;
  place.before(lost, heard);
  let source = null;
  // The program may have been started again: then the screen shows what has become of the work.
  const again = () => fetch(location.href, { cache: "no-store" }).then(() => location.reload(), () => setTimeout(again, 1000));
  const follow = () => {
    source = new EventSource(place.dataset.live);
    source.addEventListener("open", () => { lost.hidden = true; });
    source.addEventListener("live", (event) => {
      show(place, event.data);
      const said = [...place.querySelectorAll("[data-heard]")].map((part) => part.textContent.trim()).join(" ");
      if (heard.textContent !== said) { heard.textContent = said; }
    });
    source.addEventListener("over", () => { source.close(); location.reload(); });
    source.addEventListener("error", () => {
      lost.hidden = false;
      if (source.readyState === EventSource.CLOSED) { again(); }
    });
  };
  document.addEventListener("visibilitychange", () => {
    source?.close();
    source = null;
    if (!document.hidden) { follow(); }
  });
  if (!document.hidden) { follow(); }
}

// Back keeps what was filled in. Where a link alone is followed, it leads to the same screen.
for (const link of document.querySelectorAll("[data-back]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); history.back(); });
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

// A long list of fields gets a box that narrows it.
for (const list of document.querySelectorAll("select[data-search]")) {
  if (list.options.length < 12) { continue; }
  const box = document.createElement("input");
  box.type = "search";
  box.className = "filter";
  box.placeholder = list.dataset.search;
  box.setAttribute("aria-label", list.dataset.search);
  const all = [...list.options];
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    list.replaceChildren(...all.filter((entry) => entry.selected || entry.text.toLowerCase().includes(wanted)));
  });
  list.before(box);
}

// The values of a list are those of the field that is chosen.
for (const field of document.querySelectorAll("select[data-values]")) {
  const input = document.getElementById(field.dataset.values);
  const list = input.list;
  const all = [...list.options];
  const narrow = () => list.replaceChildren(...all.filter((entry) => entry.dataset.of === field.value));
  field.addEventListener("change", narrow);
  narrow();
}

// A file may be dropped, and its upload shows how far it is.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const bar = form.querySelector("progress");
  form.querySelector("[data-drop-hint]").hidden = false;
  const over = (is) => (event) => { event.preventDefault(); drop.classList.toggle("over", is); };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; form.requestSubmit(); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const room = Number(form.dataset.room);
    if (room && input.files[0] && input.files[0].size > room) { alert(form.dataset.tooLarge); location.reload(); return; }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    bar.hidden = false;
    request.upload.addEventListener("progress", (step) => { bar.value = step.total ? (step.loaded * 100) / step.total : 0; });
    request.addEventListener("load", () => {
      if (request.status < 400) { location.assign(request.responseURL); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      document.querySelector("main").replaceChildren(...answer.querySelector("main").childNodes);
    });
    request.addEventListener("error", () => location.reload());
    request.send(new FormData(form));
  });
}
