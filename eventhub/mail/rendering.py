"""From a row of the outbox to a letter: each feature registers how its kinds of mail are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eventhub.mail.composition import Letter
from eventhub.mail.models import OutboxMessage

Renderer = Callable[[OutboxMessage], Letter | None]
Loader = Callable[[Sequence[OutboxMessage]], object]


@dataclass(frozen=True, slots=True)
class _Kind:
    render: Renderer
    load: Loader | None


_kinds: dict[str, _Kind] = {}


class UnknownKind(LookupError):
    """No feature has said how to write this kind of mail."""


def renders(*kinds: str, load: Loader | None = None) -> Callable[[Renderer], Renderer]:
    """Let a function write the mails of these kinds; it returns None where nothing is to be sent after all.

    `load` gets all such messages of a batch first, so that it can read what they need in few queries.
    """

    def register(render: Renderer) -> Renderer:
        for kind in kinds:
            _kinds[kind] = _Kind(render, load)
        return render

    return register


def load_together(messages: Sequence[OutboxMessage]) -> list[object]:
    """Read what a batch needs; the result must be kept until the batch is rendered."""
    groups: dict[Loader, list[OutboxMessage]] = {}
    for message in messages:
        kind = _kinds.get(message.kind)
        if kind and kind.load:
            groups.setdefault(kind.load, []).append(message)
    return [load(group) for load, group in groups.items()]


def render(message: OutboxMessage) -> Letter | None:
    """Write the letter of one message, in the words and with the data of this moment."""
    kind = _kinds.get(message.kind)
    if kind is None:
        raise UnknownKind(f"nobody writes mails of the kind {message.kind}")
    return kind.render(message)
