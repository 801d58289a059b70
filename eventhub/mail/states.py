"""The states of a mail in the words of the people who look after them."""

from __future__ import annotations

from eventhub.mail.models import MessageState
from eventhub.web.languages import gettext as _


def state_words(state: MessageState) -> str:
    """Return what became of a mail, in the language that is spoken now."""
    return {
        MessageState.WAITING: _("waits"),
        MessageState.SENDING: _("on its way"),
        MessageState.SENT: _("sent"),
        MessageState.FAILED: _("failed"),
        MessageState.DROPPED: _("not needed any more"),
    }[state]
