// Optional comfort for forms: a question that depends on another answer is hidden until that answer is given.
// Without this, its condition stands above it in words, and the server decides what counts.
const valuesOf = (name) =>
  [...document.querySelectorAll(`[name="${name}"]`)]
    .filter((input) => !["checkbox", "radio"].includes(input.type) || input.checked)
    .map((input) => (input.value === "y" ? "yes" : input.value));

const follow = () => {
  for (const part of document.querySelectorAll("[data-only-if]")) {
    const source = document.querySelector(`[name="${part.dataset.onlyIf}"]`);
    if (!source) continue;
    const wanted = part.dataset.onlyValue.split(" ");
    const given = valuesOf(part.dataset.onlyIf);
    part.hidden = Boolean(source.closest("[data-only-if][hidden]")) || !wanted.some((value) => given.includes(value));
    part.querySelector(".only-if-words").hidden = true;
  }
};

document.addEventListener("change", follow);
document.addEventListener("questions-drawn", follow);
follow();
