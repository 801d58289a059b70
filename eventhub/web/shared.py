"""A Redis that several web processes share. It may be lost at any time: then each goes on by itself."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from flask import Flask

if TYPE_CHECKING:
    from redis import Redis

PATIENCE = 0.25
"""Seconds that an answer may take; a page that waits for Redis is worse than one without it."""
TRUCE = 10.0
"""Seconds without another try after it did not answer."""
EXTENSION = "eventhub.shared"

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Shared:
    """The connection, and the names of what we keep there: they say nothing to who reads them."""

    def __init__(self, url: str, secret: str) -> None:
        from redis import Redis  # noqa: PLC0415 - only installations that share one have it
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self.redis: Redis = Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._secret = hashlib.sha256(secret.encode()).digest()
        self._away_until = 0.0

    def name(self, kind: str, *parts: object) -> str:
        """Return the key of something; other installations on the same Redis have others."""
        text = "\0".join(map(str, parts))
        return (
            f"eventhub:{kind}:{hashlib.blake2b(text.encode(), key=self._secret, digest_size=16).hexdigest()}"
        )

    def ask(self, question: Callable[[Redis], Answer], otherwise: Answer) -> Answer:
        """Return the answer, or `otherwise` at once while Redis is away."""
        from redis import RedisError  # noqa: PLC0415

        if time.monotonic() < self._away_until:
            return otherwise
        try:
            return question(self.redis)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + TRUCE
            logger.warning("Redis does not answer, this process goes on by itself: %s", type(error).__name__)
            return otherwise


def init_app(app: Flask) -> None:
    """Connect where the settings name a Redis; the connection is opened when first needed."""
    settings = app.config.get("SETTINGS")
    url = settings.redis_url if settings else None
    app.extensions[EXTENSION] = Shared(url, settings.secret_key) if settings and url else None


def shared(app: Flask) -> Shared | None:
    found: Shared | None = app.extensions[EXTENSION]
    return found
