"""The words of a series' mails, and the mails that it sends by the clock, in its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventhub.announcements.models import Anchor, Seen, TimedMail
from eventhub.announcements.queries import timed_mails_of
from eventhub.editions.models import Series
from eventhub.errors import RuleBroken
from eventhub.exchange import values
from eventhub.exchange.reading import Node, fail
from eventhub.extensions import db
from eventhub.registration.models import MailText
from eventhub.registration.own_texts import (
    FURTHER,
    LONGEST_BODY,
    LONGEST_SUBJECT,
    OwnText,
    require_known,
    texts_of,
)
from eventhub.web.languages import LANGUAGES

MAIL_KEYS = frozenset({"mail_texts", "timed_mails"})


def take_mails(series: Series, head: Node, known: set[str]) -> set[str]:
    """Bring both in and return the keys of what changed; `known` are keys that an earlier file has brought.

    The series must have its key.
    """
    taken = {"mail_texts": _take_texts, "timed_mails": _take_timed}
    said = values.mapping(head)
    return {
        key for key, take in taken.items() if (key in said or key in known) and take(series, said.get(key))
    }


def written_mails(series: Series) -> dict[str, Any]:
    """Return both as a file says them; None where there is nothing to say."""
    texts: dict[str, dict[str, Any]] = {}
    for row in sorted(texts_of(series), key=lambda one: (list(FURTHER).index(one.kind), one.language)):
        texts.setdefault(row.kind, {})[row.language] = _written_text(OwnText(row.subject, row.body))
    timed = [_written_timed(row) for row in timed_mails_of(series)]
    return {"mail_texts": texts or None, "timed_mails": timed or None}


def _take_texts(series: Series, node: Node | None) -> bool:
    kinds = values.mapping(node) if node is not None and node.value is not None else {}
    wanted: dict[tuple[str, str], OwnText] = {}
    for kind, words in kinds.items():
        if kind not in FURTHER:
            fail(words, f"there is no mail “{kind}”; there are: {', '.join(FURTHER)}")
        for spoken, text in _texts(words, kind).items():
            if text != OwnText():
                wanted[kind, spoken] = text
    rows = {(row.kind, row.language): row for row in texts_of(series)}
    for key in rows.keys() - wanted.keys():
        db.session.delete(rows[key])
    changed = rows.keys() != wanted.keys()
    for (kind, spoken), text in wanted.items():
        row = rows.get((kind, spoken))
        if row is None:
            row = MailText(series_id=series.id, kind=kind, language=spoken)
            db.session.add(row)
        elif OwnText(row.subject, row.body) == text:
            continue
        row.subject, row.body = text.subject, text.body
        changed = True
    return changed


def _take_timed(series: Series, node: Node | None) -> bool:
    """Replace those whose words or times differ; one that stays keeps its memory of what has been sent."""
    wanted = [_timed(one) for one in values.items(node)]
    kept = []
    rows = list(timed_mails_of(series)) if series.id else []
    for row in rows:
        if (said := _said_by(row)) in wanted:
            wanted.remove(said)
            kept.append(row)
        else:
            db.session.delete(row)
    for one in wanted:
        db.session.add(TimedMail(series_id=series.id, **one))
    return bool(wanted) or len(kept) < len(rows)


def _timed(node: Node) -> dict[str, Any]:
    said = values.mapping(node)
    anchor, hours = values.word(said.get("anchor"), Anchor), values.whole(said.get("hours"), most=2160)
    seen = values.word(said.get("seen"), Seen)
    if anchor is None or hours is None:
        fail(node, "a timed mail needs “anchor” and “hours”")
    if seen is not None and anchor is not Anchor.AFTER_END:
        fail(said["seen"], "before the start nobody has been there yet")
    texts = _texts(node)
    if not any(text.subject for text in texts.values()):
        fail(node, "a timed mail needs “subject” and “text” in one language at least")
    if any(bool(text.subject) != bool(text.body) for text in texts.values()):
        fail(node, "“subject” and “text” belong together")
    return {"anchor": anchor, "hours": hours, "seen": seen, **_columns(texts)}


def _texts(node: Node, kind: str = "") -> dict[str, OwnText]:
    """Return the texts of a mapping by language; what is not said is empty."""
    said = values.mapping(node)
    found: dict[str, OwnText] = {}
    for spoken in LANGUAGES:
        words = values.mapping(said[spoken]) if spoken in said else {}
        text = OwnText(
            values.text(words.get("subject"), LONGEST_SUBJECT), values.text(words.get("text"), LONGEST_BODY)
        )
        try:
            require_known(text, spoken, kind)
        except RuleBroken as broken:
            fail(said[spoken], str(broken))
        found[spoken] = text
    return found


def _columns(texts: Mapping[str, OwnText]) -> dict[str, str]:
    found: dict[str, str] = {}
    for spoken, text in texts.items():
        found |= {f"subject_{spoken}": text.subject, f"body_{spoken}": text.body}
    return found


def _said_by(row: TimedMail) -> dict[str, Any]:
    return {"anchor": row.anchor, "hours": row.hours, "seen": row.seen, **_columns(row.texts())}


def _written_timed(row: TimedMail) -> dict[str, Any]:
    found: dict[str, Any] = {"anchor": row.anchor.value, "hours": row.hours}
    if row.seen:
        found["seen"] = row.seen.value
    return found | {
        spoken: _written_text(text) for spoken, text in row.texts().items() if text.subject or text.body
    }


def _written_text(text: OwnText) -> dict[str, str]:
    parts = {"subject": text.subject, "text": text.body}
    return {key: words for key, words in parts.items() if words}
