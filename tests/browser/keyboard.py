"""Using a page with the keys alone, and noticing where the focus can't be seen."""

from playwright.sync_api import Locator, Page

MOST_STEPS = 120
FOCUS_IS_SEEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "the focus is nowhere";
  const box = one.getBoundingClientRect();
  const seen = (part) => {
    const style = getComputedStyle(part);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
    return outlined || style.boxShadow !== "none";
  };
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const what = `${one.tagName} “${(one.innerText || one.name || one.id).slice(0, 40)}”`;
  if (!inside) return `${what} has the focus outside of the window`;
  return seen(one) || seen(one.closest(".choice") ?? one) ? "" : `${what} does not show its focus`;
}"""


class Keyboard:
    """Tab, Enter, Space and Escape; every step looks whether the focus is visible."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def tab(self) -> None:
        self._page.keyboard.press("Tab")
        complaint = self._page.evaluate(FOCUS_IS_SEEN)
        assert not complaint, f"{complaint} ({self._page.url})"

    def tab_to(self, wanted: Locator) -> None:
        """Press Tab until the wanted part has the focus."""
        wanted.wait_for()
        for _ in range(MOST_STEPS):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            self.tab()
        raise AssertionError(f"Tab never reaches {wanted}")

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)
