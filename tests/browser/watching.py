"""What no page may do: write errors to the console, fail to load something, ask another host."""

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request

OWN_HOST = "127.0.0.1"
EXPECTED_STATUS = "Failed to load resource: the server responded with a status of"
"""Chromium writes this about pages that are meant to answer 404 or 422."""


class Watch:
    """Writes down what a page should not do."""

    def __init__(self, page: Page) -> None:
        self._found: list[str] = []
        page.on("console", self._read)
        page.on("pageerror", self._note_error)
        page.on("request", self._check_host)
        page.on("requestfailed", self._note_failure)

    def findings(self) -> list[str]:
        return list(dict.fromkeys(self._found))

    def _read(self, message: ConsoleMessage) -> None:
        url = urlsplit(str(message.location.get("url", "")))
        a_page_itself = message.text.startswith(EXPECTED_STATUS) and not url.path.startswith("/static/")
        if message.type in ("error", "warning") and not a_page_itself:
            self._found.append(f"{message.type}: {message.text}")

    def _note_error(self, error: Error) -> None:
        self._found.append(f"uncaught: {error}")

    def _check_host(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.hostname != OWN_HOST:
            self._found.append(f"asked {url.hostname}")

    def _note_failure(self, request: Request) -> None:
        # a download, or something that the browser gave up because the next page came first
        if request.failure != "net::ERR_ABORTED":
            self._found.append(f"failed: {request.url} ({request.failure})")
