// Check-in on a phone: names are found while one types, tickets are read by the camera, and what is noted while there
// is no connection is sent later. Names live in memory as long as the page is open; what waits to be sent has none.
// Everything here may be sent twice: the server counts it once.
const door = document.querySelector("[data-door]");
const words = JSON.parse(door.dataset.words);
const csrf = document.querySelector("[name=csrf_token]").value;
const storeKey = `check-in-${door.dataset.key}`;
const MOST = 50;
const TICKET = /^([2-9A-HJ-NP-Z]{4})([2-9A-HJ-NP-Z]{4})[A-Z2-7]{26}$/;
let people = [];
let sending = false;

const part = (name) => door.querySelector(`[data-${name}]`);
const codeIn = (ticket) => TICKET.exec(ticket?.trim().toUpperCase())?.slice(1, 3).join("-");
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/ß/g, "ss").replace(/ı/g, "i");

const say = (text, good) => {
  const line = part("status");
  line.textContent = text;
  line.classList.toggle("is-ok", good);
  line.classList.toggle("is-bad", !good);
};

// what waits to be sent ------------------------------------------------------------------------------------

const waiting = () => {
  try {
    return JSON.parse(localStorage.getItem(storeKey)) ?? [];
  } catch {
    return [];
  }
};

const keep = (items) => {
  if (items.length) localStorage.setItem(storeKey, JSON.stringify(items));
  else localStorage.removeItem(storeKey);
  const offline = navigator.onLine ? "" : `${words.offline} `;
  part("queue").textContent = items.length ? offline + filled(words.waiting, { number: items.length }) : offline;
};

const post = async (address, fields) => {
  const body = new URLSearchParams({ csrf_token: csrf, ...fields });
  return fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
};

const send = async () => {
  if (sending) return;
  sending = true;
  try {
    for (let [first] = waiting(); first; [first] = waiting()) {
      const answer = await post(door.dataset.letIn, first);
      if (!answer.ok) {
        say(words.signedOut, false);
        break;
      }
      const said = await answer.json();
      keep(waiting().slice(1));
      if (said.outcome === "refused") {
        say(said.words, false);
        load(); // what was shown as noted is not
      } else mark(said.id, true);
    }
  } catch {
    // no connection: it stays in line
  } finally {
    sending = false;
    keep(waiting());
  }
};

// the list --------------------------------------------------------------------------------------------------

const mark = (id, present) => {
  const person = people.find((one) => one.id === id);
  if (person) person.present = present;
  show();
};

const note = (person, fields, text) => {
  const item = { ...fields, day: door.dataset.day, slot: door.dataset.slot, at: Date.now() };
  keep([...waiting(), item]);
  if (person) {
    say(filled(person.present ? words.known : words.noted, { name: person.name }), true);
    mark(person.id, true);
  } else say(text ?? "", true);
  send();
};

const takeBack = async (person) => {
  const own = waiting();
  const left = own.filter((item) => item.id !== String(person.id) && codeIn(item.ticket) !== person.code);
  keep(left);
  mark(person.id, false);
  if (left.length < own.length && !navigator.onLine) return;
  const place = { id: person.id, day: door.dataset.day, slot: door.dataset.slot };
  try {
    const answer = await post(door.dataset.takeBack, place);
    say((await answer.json()).words, true);
  } catch {
    mark(person.id, true);
    say(words.offline, false);
  }
};

const button = (text, css, name, action) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = css;
  made.textContent = text;
  made.setAttribute("aria-label", `${text}: ${name}`);
  made.addEventListener("click", action);
  return made;
};

const text = (tag, content, css = "") => {
  const made = document.createElement(tag);
  made.textContent = content;
  made.className = css;
  return made;
};

const row = (person) => {
  const item = document.createElement("li");
  const who = document.createElement("div");
  who.append(text("strong", person.name));
  who.append(text("span", [person.organisation, person.role, person.code].filter(Boolean).join(" · "), "sub"));
  item.append(who);
  if (person.present) {
    item.className = "is-present";
    item.append(text("span", words.present, "badge badge-ok"));
    item.append(button(words.takeBack, "btn btn-bare", person.name, () => takeBack(person)));
    return item;
  }
  if (person.why) item.append(text("span", person.why, "sub"));
  if (!person.mayCome) return item;
  const [label, css] = person.expected ? [words.letIn, "btn btn-main"] : [words.anyway, "btn"];
  const fields = { id: String(person.id), ...(person.expected ? {} : { anyway: "1" }) };
  item.append(button(label, css, person.name, () => note(person, fields)));
  return item;
};

const show = () => {
  const wanted = folded(part("search").elements.q.value).split(/\s+/).filter(Boolean);
  const found = people.filter((one) => wanted.every((word) => one.folded.includes(word)));
  const list = part("guests");
  const focused = list.contains(document.activeElement) && document.activeElement.closest("li");
  const at = focused ? [...list.children].indexOf(focused) : -1;
  list.replaceChildren(...found.slice(0, MOST).map(row));
  if (!found.length) list.append(text("li", words.nobody));
  if (at >= 0) list.children[Math.min(at, list.children.length - 1)]?.querySelector("button")?.focus();
};

const load = async () => {
  try {
    const answer = await fetch(door.dataset.people, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) return;
    const fresh = (await answer.json()).people;
    const ours = new Set(waiting().map((item) => item.id ?? codeIn(item.ticket)));
    for (const one of fresh) {
      one.folded = folded(`${one.name} ${one.organisation} ${one.code}`);
      one.present ||= ours.has(String(one.id)) || ours.has(one.code);
    }
    people = fresh;
    show();
  } catch {
    // no connection: the list as it was is still right enough
  }
};

// the camera ------------------------------------------------------------------------------------------------

let stream = null;
let last = { text: "", at: 0 };

const read = (ticket) => {
  const now = Date.now();
  if (ticket === last.text && now - last.at < 4000) return;
  last = { text: ticket, at: now };
  const code = codeIn(ticket);
  const person = code && people.find((one) => one.code === code);
  if (!person) return say(words.foreign, false);
  if (!person.expected) return say(`${person.name}: ${person.why}`, false);
  navigator.vibrate?.(80);
  return note(person, { ticket });
};

const reader = async () => {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  const { default: decode } = await import(door.dataset.reader);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, 640 / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decode(pen.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return undefined; // no code in this picture
    }
  };
};

const stop = () => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  part("video").hidden = true;
  part("camera").setAttribute("aria-pressed", "false");
};

const scan = async () => {
  if (stream) return stop();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const find = await reader();
    const video = part("video");
    video.srcObject = stream;
    video.hidden = false;
    part("camera").setAttribute("aria-pressed", "true");
    await video.play();
    while (stream) {
      const ticket = video.videoWidth && (await find(video));
      if (ticket) read(ticket);
      await new Promise((done) => setTimeout(done, 150));
    }
  } catch {
    stop();
    say(words.noCamera, false);
  }
  return undefined;
};

// ------------------------------------------------------------------------------------------------------------

part("camera-row").hidden = !navigator.mediaDevices?.getUserMedia;
part("camera").addEventListener("click", scan);
part("search").addEventListener("submit", (event) => event.preventDefault());
part("search").elements.q.addEventListener("input", show);
part("more")?.remove();
addEventListener("online", send);
addEventListener("offline", () => keep(waiting()));
addEventListener("pagehide", stop);
setInterval(send, 5000);
setInterval(() => document.hidden || load(), 20000);
keep(waiting());
load().then(send);
