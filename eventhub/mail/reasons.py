"""Why a mail did not get through, in the reader's language; the outbox keeps the words in English.

They are written where nobody reads along, so they are translated when they are shown. What the mail
server said itself stays as it is.
"""

from __future__ import annotations

import re

from eventhub.web.languages import lazy_gettext as _l

GIVEN_UP = "Given up after %(tries)s tries. %(reason)s"
ANSWERED = "The mail server answered: %(words)s"
RETURNED = "The mail server returned it: %(words)s"
OUT_OF_REACH = "The mail server can’t be reached: %(words)s"
BROKE = "The connection to the mail server broke: %(words)s"
NOT_WRITTEN = "The mail could not be written: %(words)s"
UNREACHABLE = "Not sent: mails to this address come back. Correct it, and the next mail goes out."
NO_ANSWER = "no answer within %(seconds)s seconds"
_KNOWN = {
    GIVEN_UP: _l("Given up after %(tries)s tries. %(reason)s"),
    ANSWERED: _l("The mail server answered: %(words)s"),
    RETURNED: _l("The mail server returned it: %(words)s"),
    OUT_OF_REACH: _l("The mail server can’t be reached: %(words)s"),
    BROKE: _l("The connection to the mail server broke: %(words)s"),
    NOT_WRITTEN: _l("The mail could not be written: %(words)s"),
    UNREACHABLE: _l("Not sent: mails to this address come back. Correct it, and the next mail goes out."),
    NO_ANSWER: _l("no answer within %(seconds)s seconds"),
}
_PATTERNS = {
    sentence: re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*?)", re.escape(sentence)), re.DOTALL)
    for sentence in _KNOWN
}


def reason_words(reason: str) -> str:
    """Return a stored reason in the language of this request."""
    for sentence, pattern in _PATTERNS.items():
        found = pattern.fullmatch(reason)
        if found is not None:
            return str(_KNOWN[sentence]) % {
                name: reason_words(part) for name, part in found.groupdict().items()
            }
    return reason
