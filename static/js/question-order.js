// Optional comfort for the builder: questions can be dragged by their grip. The buttons do the same without it.
const list = document.querySelector("[data-question-order]");
let dragged = null;

const send = (item, position) => {
  const form = item.querySelector("form");
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "position", value: position });
  form.append(field);
  form.submit();
};

const under = (y) =>
  [...list.children].find((item) => {
    const box = item.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });

const finish = (drop) => {
  if (!dragged) return;
  const { item, start } = dragged;
  dragged = null;
  item.classList.remove("is-lifted");
  const position = [...list.children].indexOf(item);
  if (drop && position !== start) send(item, position);
  else list.insertBefore(item, [...list.children].filter((one) => one !== item)[start] ?? null);
};

if (list?.querySelector("form")) {
  for (const item of list.children) {
    const grip = document.createElement("span");
    grip.className = "question-grip";
    grip.title = list.dataset.questionOrder;
    grip.setAttribute("aria-hidden", "true"); // the buttons are for everybody else
    item.prepend(grip);
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      dragged = { item, start: [...list.children].indexOf(item) };
      item.classList.add("is-lifted");
    });
  }
  // at the document: an element that moves within the page loses a pointer that it had captured
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const next = under(event.clientY);
    if (next !== dragged.item) list.insertBefore(dragged.item, next ?? null);
  });
  document.addEventListener("pointerup", () => finish(true));
  document.addEventListener("pointercancel", () => finish(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") finish(false);
  });
}
