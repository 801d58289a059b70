// Adds the reader's own time to each moment that the page shows in another zone.
// Without this file the page names its zone in words, which is enough.
// The words around the time come translated in data-here of the script element; in agendas the place
// must do. The text is shown by the style sheet from an attribute, so the page itself stays as it was sent.
const sentence = document.currentScript.dataset.here;
const language = document.documentElement.lang === "en" ? "en-GB" : "de";
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const place = timeZone.split("/").pop().replaceAll("_", " ");

// minutes that a written moment such as 2021-12-07T15:00+01:00 is ahead of UTC
const writtenOffset = (text) => {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [null, "+", "0", "0"];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

const words = (start, end, otherDay) => {
  const form = new Intl.DateTimeFormat(language, {
    hour: "numeric", minute: "2-digit", hour12: language === "en-GB", ...(otherDay && { weekday: "short", day: "numeric", month: "short" }),
  });
  return end ? form.formatRange(start, end) : form.format(start);
};

for (const element of document.querySelectorAll("time[data-local]")) {
  const start = new Date(element.dateTime);
  if (Number.isNaN(start.getTime()) || -start.getTimezoneOffset() === writtenOffset(element.dateTime)) continue;
  const end = element.dataset.end && new Date(element.dataset.end);
  const otherDay = start.getDate() !== Number(element.dateTime.slice(8, 10));
  const form = element.closest(".slot, .cell, .mine, table") ? "{time} {place}" : sentence;
  element.dataset.own = form.replace("{time}", words(start, end, otherDay)).replace("{place}", place);
}
