// Check-in on a phone: names are found while one types, tickets are read by the camera, and what is noted while there
// is no connection is sent later. Names live in memory as long as the page is open, and on the day itself with its
// worker; what waits to be sent has none.
// Everything here may be sent twice: the server counts it once. Each item that waits has an entry of its own in the
// storage, which all tabs share, so that none of them drops what another one has noted.
const door = document.querySelector("[data-door]");
const words = JSON.parse(door.dataset.words);
const csrf = document.querySelector("[name=csrf_token]").value;
const prefix = `check-in-${door.dataset.key}:`;
const MOST = 50;
const PATIENCE = 20_000;
const LONG_AGO = 10_000; // whoever was noted before that is no longer at the door
const FOR_GOOD = new Set([403, 404, 413, 415, 422]); // answers that do not change by sending again
const TICKET = /^([2-9A-HJ-NP-Z]{4})([2-9A-HJ-NP-Z]{4})[A-Z2-7]{26}$/;
let people = [];
const reasons = new Map(); // why something was set aside; words may name somebody, so they are not stored
let sending = null;
let shownAside = "";

const part = (name) => document.querySelector(`[data-${name}]`);
const codeIn = (ticket) => TICKET.exec(ticket?.trim().toUpperCase())?.slice(1, 3).join("-");
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/ß/g, "ss").replace(/ı/g, "i");

const say = (text, good) => {
  const line = part("status");
  line.textContent = text;
  line.classList.toggle("is-ok", good);
  line.classList.toggle("is-bad", !good);
};

// whoever goes through a list with the keyboard keeps their place in it
const refill = (list, rows) => {
  const focused = list.contains(document.activeElement) && document.activeElement.closest("li");
  const at = focused ? [...list.children].indexOf(focused) : -1;
  list.replaceChildren(...rows);
  if (at >= 0) list.children[Math.min(at, rows.length - 1)]?.querySelector("button")?.focus();
};

// what waits to be sent ------------------------------------------------------------------------------------

const stored = (key) => {
  try {
    return [{ key, ...JSON.parse(localStorage.getItem(key)) }].filter((item) => item.fields);
  } catch {
    return [];
  }
};

const waiting = () =>
  Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .flatMap(stored)
    .sort((one, other) => one.fields.at - other.fields.at);

const unsent = () => waiting().filter((item) => !item.aside);
const put = ({ key, ...item }) => localStorage.setItem(key, JSON.stringify(item));
const drop = ({ key }) => localStorage.removeItem(key);
const isOf = ({ fields }, person) => fields.id === String(person.id) || codeIn(fields.ticket) === person.code;
const isHere = ({ fields: { day, slot } }) =>
  day === door.dataset.day && (!door.dataset.slot || slot === door.dataset.slot); // who is in a session is there, too
const personOf = (id) => people.find((one) => one.id === id);

const showWaiting = () => {
  const offline = navigator.onLine ? "" : `${words.offline} `;
  const number = unsent().length;
  part("queue").textContent = number ? offline + filled(words.waiting, { number }) : offline;
  const items = waiting().filter((item) => item.aside);
  part("aside").hidden = !items.length;
  const shown = JSON.stringify(items.map((item) => [item.key, whoIs(item), reasons.get(item.key)]));
  if (shownAside === shown) return; // whoever is about to press a button finds it
  shownAside = shown;
  refill(part("aside-list"), items.map(asideRow));
};

const whoIs = (item) => people.find((one) => isOf(item, one))?.name ?? codeIn(item.fields.ticket) ?? words.somebody;

const asideRow = (item) => {
  const who = document.createElement("div");
  who.append(text("strong", whoIs(item)), text("span", reasons.get(item.key) ?? words.notAccepted, "sub"));
  const row = document.createElement("li");
  row.append(
    who,
    button(words.again, "btn", whoIs(item), () => {
      put({ ...item, aside: false });
      showWaiting();
      send();
    }),
    button(words.discard, "btn btn-bare", whoIs(item), () => {
      drop(item);
      showWaiting();
    }),
  );
  return row;
};

const setAside = (item, reason) => {
  reasons.set(item.key, reason);
  put({ ...item, aside: true });
  say(reason, false);
  load(); // what was shown as noted is not
};

const post = async (address, fields) => {
  const body = new URLSearchParams({ csrf_token: csrf, ...fields });
  const signal = AbortSignal.timeout(PATIENCE);
  return fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual", signal });
};

const whyNot = (answer) => {
  if (FOR_GOOD.has(answer.status)) return words.notAccepted;
  return answer.status >= 429 ? words.later : words.signedOut;
};

const settle = (item, said) => {
  const person = isHere(item) && personOf(said.id);
  const good = said.outcome !== "refused";
  if (person) person.onServer = good;
  if (!localStorage.getItem(item.key)) return; // taken back meanwhile
  if (!good && Date.now() - item.fields.at > LONG_AGO) {
    setAside(item, said.words);
    return;
  }
  drop(item);
  if (good && person) {
    mark(said.id, true);
    return;
  }
  say(said.words, good);
  load(); // what was shown as noted is not, or somebody is new on the list
};

const sendAll = async () => {
  for (let [item] = unsent(); item; [item] = unsent()) {
    const answer = await post(door.dataset.letIn, item.fields);
    if (answer.ok) settle(item, await answer.json());
    else if (FOR_GOOD.has(answer.status)) setAside(item, words.notAccepted);
    else return say(whyNot(answer), false);
  }
  return undefined;
};

const send = () => {
  sending ??= sendAll()
    .catch(() => {}) // no connection: it stays in line
    .finally(() => {
      sending = null;
      showWaiting();
    });
  return sending;
};

// the list --------------------------------------------------------------------------------------------------

const mark = (id, present) => {
  const person = personOf(id);
  if (person) person.present = present;
  show();
};

const note = (person, fields) => {
  const at = Date.now();
  const place = { day: door.dataset.day, slot: door.dataset.slot };
  put({ key: `${prefix}${at}-${Math.random()}`, fields: { ...fields, ...place, at } });
  if (person) {
    say(filled(person.present ? words.known : words.noted, { name: person.name }), true);
    mark(person.id, true);
  } else say(filled(words.unlisted, { code: codeIn(fields.ticket) }), true);
  showWaiting();
  send();
};

const takeBack = async (person) => {
  const own = unsent().filter((item) => isHere(item) && isOf(item, person));
  own.forEach(drop);
  mark(person.id, false);
  showWaiting();
  await sending; // what is on its way must not arrive after this
  const onlyHere = own.length > 0 && !personOf(person.id)?.onServer;
  if (onlyHere && !navigator.onLine) return;
  const place = { id: person.id, day: door.dataset.day, slot: door.dataset.slot };
  try {
    const answer = await post(door.dataset.takeBack, place);
    if (answer.ok) {
      const now = personOf(person.id);
      if (now) now.onServer = false;
      say((await answer.json()).words, true);
      return;
    }
    say(whyNot(answer), false);
  } catch {
    if (onlyHere) return;
    say(words.notTakenBack, false);
  }
  mark(person.id, !onlyHere);
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
  refill(part("guests"), found.length ? found.slice(0, MOST).map(row) : [text("li", words.nobody)]);
};

const load = async () => {
  try {
    const answer = await fetch(door.dataset.people, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) return;
    const fresh = (await answer.json()).people;
    const ours = new Set(unsent().filter(isHere).map(({ fields }) => fields.id ?? codeIn(fields.ticket)));
    for (const one of fresh) {
      one.folded = folded(`${one.name} ${one.organisation} ${one.code}`);
      one.onServer = one.present;
      one.present ||= ours.has(String(one.id)) || ours.has(one.code);
    }
    people = fresh;
    show();
    showWaiting();
  } catch {
    // no connection: the list as it was is still right enough
  }
};

// whoever comes unannounced ----------------------------------------------------------------------------------

const empty = part("walk-in").cloneNode(true);

const replaceForm = (fresh) => {
  part("walk-in").replaceChildren(...fresh.cloneNode(true).childNodes);
  part("walk-in").querySelector("[data-focus-first]")?.focus();
};

const tell = (text, good) => {
  const line = part("walk-in-status");
  line.textContent = text;
  line.classList.toggle("is-ok", good);
  line.classList.toggle("is-bad", !good);
};

// nobody's name is stored on this phone, so without connection the form stays as it is
const register = async (form) => {
  tell("", true);
  try {
    const answer = await post(form.action, Object.fromEntries(new FormData(form)));
    if (answer.ok) {
      replaceForm(empty);
      tell((await answer.json()).words, true);
      load();
    } else if (answer.status === 422) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      replaceForm(page.querySelector("[data-walk-in]"));
    } else tell(answer.status >= 429 ? words.walkInLater : words.walkInNotAccepted, false);
  } catch {
    tell(words.walkInOffline, false);
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
  if (!code) return say(words.foreign, false);
  const person = people.find((one) => one.code === code);
  if (person && !person.expected) return say(`${person.name}: ${person.why}`, false);
  navigator.vibrate?.(80);
  return note(person, { ticket }); // whoever has registered since the list was loaded is not in it
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

// the page without connection ---------------------------------------------------------------------------------

// on the day itself a worker keeps this page and its list, so that they open once more
const keep = async () => {
  await navigator.serviceWorker.register(door.dataset.worker);
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const needed = [location.pathname + location.search, door.dataset.people, door.dataset.reader];
  active.postMessage([...new Set([...loaded, ...needed.map((address) => new URL(address, location).href)])]);
  part("kept").hidden = false;
};

// ------------------------------------------------------------------------------------------------------------

part("camera-row").hidden = !navigator.mediaDevices?.getUserMedia;
part("camera").addEventListener("click", scan);
part("search").addEventListener("submit", (event) => event.preventDefault());
part("search").elements.q.addEventListener("input", show);
part("more")?.remove();
part("walk-in").addEventListener("submit", (event) => {
  event.preventDefault();
  register(event.target);
});
addEventListener("online", send);
addEventListener("offline", showWaiting);
addEventListener("storage", showWaiting);
addEventListener("pagehide", stop);
setInterval(send, 5000);
setInterval(() => document.hidden || load(), 20000);
showWaiting();
load().then(send);
if (door.dataset.worker && navigator.serviceWorker) keep().catch(() => {}); // without it all goes on as long as it is open
