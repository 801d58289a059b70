"""What the log says: one line per event, as text or JSON, with ids and without personal data.

Messages are made discreet before they are written: no mail addresses, secrets or whole network addresses.
Of an exception the log keeps its type and where it came from. Its words may quote what somebody typed, so
only those of the system and of the database are kept, without the row that PostgreSQL adds to them.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from config import Settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Names the request that is being answered in all lines about it."""

_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_IPV4 = re.compile(r"\b(?!127\.)(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}\b")
_IPV6 = re.compile(r"(?<![\w:])(?!::1\b)(?:[0-9a-fA-F]{1,4}::?){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_SECRET_PATH = re.compile(r"(/(?:my|sign-in|invitations|subscriptions)/)[\w-]{8,}")
_TOKEN = re.compile(r"(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{32,}")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def discreet(text: str) -> str:
    """Return the text without mail addresses, secrets and whole network addresses."""
    text = _ADDRESS.sub("<address>", text)
    text = _SECRET_PATH.sub(r"\1<secret>", text)
    text = _TOKEN.sub("<secret>", text)
    text = _IPV4.sub(r"\1.x.x", text)
    return _IPV6.sub(lambda found: found[0] if _TIME.fullmatch(found[0]) else "<network>", text)


def trace(error: BaseException) -> list[str]:
    """Return where an exception came from, innermost last, and what it is."""
    lines = [
        f"{frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return [*lines, f"{type(error).__name__}{_harmless_words(error)}"]


def _harmless_words(error: BaseException) -> str:
    if not isinstance(error, SQLAlchemyError | OSError):
        return ""
    return f": {discreet(str(error).partition(chr(10))[0])[:300]}"


class TextFormatter(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{record.levelname.lower()} {record.name}: {discreet(record.getMessage())}"
        error = record.exc_info[1] if record.exc_info else None
        return "\n  ".join([head, *trace(error)]) if error else head


class JsonFormatter(logging.Formatter):
    """One JSON object per line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": discreet(record.getMessage()),
        }
        if request_id.get():
            line["request"] = request_id.get()
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        error = record.exc_info[1] if record.exc_info else None
        if error:
            line["trace"] = trace(error)
        return json.dumps(line, ensure_ascii=False, default=str)


def formatter(settings: Settings) -> logging.Formatter:
    return JsonFormatter() if settings.log_format == "json" else TextFormatter()


def configure(settings: Settings) -> None:
    """Let everything that this process logs go to standard error in the chosen form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if settings.log_format == "json" else logging.WARNING)
    for talkative in ("alembic", "amqp", "celery", "kombu"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
