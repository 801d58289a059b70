// The live board renews its numbers; without this script there is a link for that.
const board = document.querySelector("[data-live]");

const renew = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of board.querySelectorAll("[data-part]")) {
      const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
      // whoever reads in it with the keyboard keeps their place
      if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        part.innerHTML = fresh.innerHTML;
      }
    }
  } catch {
    // no connection: the numbers stay until there is one
  }
};

if (board) setInterval(renew, Number(board.dataset.live) * 1000);
