"""Broken rules of the domain. Their messages are shown to people, so they are translatable."""

from collections.abc import Mapping, Sequence


class RuleBroken(Exception):
    """A rule of the domain says no; `message` tells a person what to do instead.

    `field` names the form field that the message belongs to, where there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Overtaken(Exception):
    """Somebody else was faster: what this transaction went by is no longer true. Begin it again."""


class PersonRefused(RuleBroken):
    """A rule says no to one of several people; `at` says to which."""

    def __init__(self, message: str, *, field: str | None, at: int) -> None:
        super().__init__(message, field=field)
        self.at = at


class SlotsRefused(RuleBroken):
    """A choice of slots breaks rules; `reasons` says for each slot why, and what to do instead."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__(" ".join(reasons.values()))
        self.reasons = dict(reasons)


class NotPermitted(RuleBroken):
    """The role of whoever asks does not include this."""


class NotReady(RuleBroken):
    """An edition can't be published yet; `reasons` says why, one sentence each."""

    def __init__(self, message: str, reasons: Sequence[str]) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


class RegistrationClosed(RuleBroken):
    """The edition takes no registrations at this moment."""


class InvalidFile(RuleBroken):
    """A file to import is broken; `place` names file, line and field."""

    def __init__(self, message: str, *, place: Mapping[str, object]) -> None:
        super().__init__(message)
        self.place = dict(place)
