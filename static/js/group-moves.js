// Optional comfort for groups: people can be dragged by their grip. Ticking, choosing and the button do the same.
const form = document.querySelector("[data-group-moves]");
let dragged = null;

const target = (x, y) => document.elementFromPoint(x, y)?.closest("[data-group]");

const mark = (group) => {
  for (const one of form.querySelectorAll(".is-target")) one.classList.remove("is-target");
  if (group && group !== dragged.from) group.classList.add("is-target");
};

const finish = (group) => {
  if (!dragged) return;
  mark(null);
  const { item, from } = dragged;
  dragged = null;
  item.classList.remove("is-lifted");
  if (!group || group === from) return;
  for (const box of form.querySelectorAll("[name=person]")) box.checked = item.contains(box);
  form.elements.to.value = group.dataset.group;
  form.requestSubmit(form.querySelector("[value=move]"));
};

if (form) {
  for (const item of form.querySelectorAll(".group-people li")) {
    const grip = document.createElement("span");
    grip.className = "question-grip";
    grip.title = form.dataset.groupMoves;
    grip.setAttribute("aria-hidden", "true"); // boxes and buttons are for everybody else
    item.prepend(grip);
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      dragged = { item, from: item.closest("[data-group]") };
      item.classList.add("is-lifted");
    });
  }
  // at the document: it hears the pointer wherever it goes
  document.addEventListener("pointermove", (event) => {
    if (dragged) mark(target(event.clientX, event.clientY));
  });
  document.addEventListener("pointerup", (event) => finish(dragged && target(event.clientX, event.clientY)));
  document.addEventListener("pointercancel", () => finish(null));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") finish(null);
  });
}
