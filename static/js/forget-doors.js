// What a check-in page kept of its day (check-in-worker.js) stays neither for the next day nor for the next person:
// pages of organisers let go of other days, and the page to sign in of everything.
const kept = "signedIn" in document.currentScript.dataset ? new Date().toLocaleDateString("sv") : "";

const forgetDoors = async () => {
  for (const name of await caches.keys()) {
    if (!kept || !name.startsWith(`${kept} `)) await caches.delete(name);
  }
};

if ("caches" in window) forgetDoors().catch(() => {}); // a browser that keeps nothing may refuse to look
