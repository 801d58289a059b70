// Optional comfort for the builder: the preview follows what is typed. The button does the same without it.
const form = document.querySelector("[data-preview]");
const preview = document.getElementById(form.dataset.preview);
let waiting;
let latest = 0;

const draw = async () => {
  const number = ++latest;
  const data = new FormData(form);
  data.set("preview", "1");
  const answer = await fetch(form.action, { method: "POST", body: data, redirect: "error" });
  if (!answer.ok || number !== latest) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  preview.replaceChildren(...page.getElementById(preview.id).childNodes);
};

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => draw().catch(() => {}), 300);
});
