"""How often one address may do something; kept in this process, forgotten when it ends."""

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

EXTENSION = "eventhub.limits"
MOST_KEYS = 20_000


class Limits:
    """Sliding windows by key; the keys used longest ago give way first."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, times: int, per_seconds: float) -> float:
        """Note one use and return 0, or return the seconds until the next one is allowed."""
        now = monotonic()
        with self._lock:
            uses = self._times.setdefault(key, deque(maxlen=times))
            self._times.move_to_end(key)
            if len(self._times) > MOST_KEYS:
                self._times.popitem(last=False)
            if len(uses) == times and now - uses[0] < per_seconds:
                return per_seconds - (now - uses[0])
            uses.append(now)
            return 0


def limit(key: str, times: int, per_seconds: float, who: str | None = None) -> None:
    """Allow something so many times in so many seconds for one client, or for `who`; else 429."""
    limits: Limits | None = current_app.extensions[EXTENSION]
    if limits is None:
        return
    wait = limits.take(f"{key} {who or client()}", times, per_seconds)
    if wait:
        raise TooManyRequests(retry_after=int(wait) + 1)


def client() -> str:
    """Return the client's address; one IPv6 network counts as one client."""
    text = request.remote_addr or "unknown"
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))


def init_app(app: Flask) -> None:
    """Switch the limits on, unless the settings say otherwise."""
    settings = app.config.get("SETTINGS")
    app.extensions[EXTENSION] = Limits() if settings is None or settings.rate_limits else None
