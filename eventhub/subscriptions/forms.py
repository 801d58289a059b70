"""The one field of a subscription, and what organisers say to subscribers."""

from __future__ import annotations

from eventhub.editions.fields import LongText
from eventhub.registration.forms import AddressForm
from eventhub.web.forms import Form
from eventhub.web.languages import lazy_gettext as _l

LONGEST_NOTICE = 2000


class SubscribeForm(AddressForm):
    """Asks for the address that wants to hear about the next edition."""


class NoticeForm(Form):
    """What organisers write to those who wait for the next edition."""

    notice_text = LongText(
        _l("Your words to those who wait"),
        most=LONGEST_NOTICE,
        rows=6,
        description=_l(
            "Stands before date and place in the mail about every next edition. Empty: a plain sentence"
        ),
    )
