"""How often one address may do something; kept in this process, or in the Redis that several share."""

import secrets
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic
from typing import cast

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

from eventhub.web.shared import Shared, shared

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


_TAKING = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - span)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + span - now
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], span)
return 0
"""


class SharedLimits(Limits):
    """The same windows for all web processes; while Redis is away each counts for itself."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._taking = shared.redis.register_script(_TAKING)

    def take(self, key: str, times: int, per_seconds: float) -> float:
        """Note one use in Redis, whose clock counts for all."""
        name = self._shared.name("limit", key)
        arguments = (times, int(per_seconds * 1000), secrets.token_hex(8))
        wait = self._shared.ask(lambda _redis: cast(int, self._taking([name], arguments)), None)
        return super().take(key, times, per_seconds) if wait is None else wait / 1000


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
    if settings is not None and not settings.rate_limits:
        app.extensions[EXTENSION] = None
        return
    redis = shared(app)
    app.extensions[EXTENSION] = SharedLimits(redis) if redis else Limits()
