// Keeps the page of a door and its list for one day, so that a reload without connection still shows them. Its address
// lies beside the page, so it sees nothing else. What it keeps names people: it begins only when the page asks for
// it, and lets go of all of it with the day, or when the server no longer shows the page to this phone.
const PATIENCE = 8_000; // milliseconds, where there is something to show instead
const NOT_FOR_US = new Set([0, 403, 404]); // 0: led away to the page where one signs in
const todays = () => `${new Date().toLocaleDateString("sv")} ${registration.scope}`; // 2026-03-31 https://…; see forget-doors.js

const forget = async (kept = "") => {
  const ours = (await caches.keys()).filter((name) => name.endsWith(` ${registration.scope}`) && name !== kept);
  await Promise.all(ours.map((name) => caches.delete(name)));
};

const begin = async (addresses) => {
  if (await caches.has(todays())) return;
  const shelf = await caches.open(todays());
  // whoever was signed out meanwhile is led away, which is nothing to keep
  await shelf.addAll(addresses.map((address) => new Request(address, { redirect: "error" }))).catch(() => forget());
};

const inTime = (answer) =>
  Promise.race([answer, new Promise((_, fail) => setTimeout(() => fail(new Error("too slow")), PATIENCE))]);

const answer = async (event) => {
  const { request } = event;
  await forget(todays());
  if (!(await caches.has(todays()))) return fetch(request);
  const shelf = await caches.open(todays());
  const kept = await shelf.match(request, { ignoreVary: true });
  if (kept && new URL(request.url).pathname.startsWith("/static/")) return kept; // its address changes with it
  try {
    const fresh = await (kept ? inTime(fetch(request)) : fetch(request));
    if (fresh.ok) event.waitUntil(shelf.put(request, fresh.clone()));
    if (NOT_FOR_US.has(fresh.status)) await forget();
    return kept && fresh.status >= 500 ? kept : fresh;
  } catch (failure) {
    if (kept) return kept;
    throw failure;
  }
};

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
// a page that asks while it is still being set up was passed over when the worker began
addEventListener("message", (event) => event.waitUntil(Promise.all([clients.claim(), begin(event.data)])));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event));
});
