"""From a row of the outbox to the letter: words, calendar message, sender and recipient.

What all participants of an edition share is laid out once and kept until content changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formataddr

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from eventhub import clock
from eventhub.calendars import itip
from eventhub.calendars.entries import Person
from eventhub.database import current_revision
from eventhub.editions.entries import edition_entry
from eventhub.editions.models import Edition, EditionState, FormOfAddress
from eventhub.editions.queries import with_organisations
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import renders
from eventhub.mail.sheets import Sheet, lay_out, spoken_name
from eventhub.mail.transport import envelope_sender
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.wording import LONGEST_PROGRAMME, Occasion, own_link, programme, words_for
from eventhub.tokens import derive
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.links import link_to

EXTENSION = "eventhub.letters"
MOST_SHEETS = 200
CANCELLING = frozenset({"cancelled", "address_changed", "edition_cancelled"})
OVER_WITH_EDITION = frozenset({"confirmed", "promoted", "waitlisted", "existing", "details_changed", "edition_changed"})
"""Mails that say nothing true any more once the edition is cancelled; its own mail follows them."""
OUTLOOK = ("outlook.", "hotmail.", "live.", "msn.")
PER_PERSON = frozenset({"sequence", "position"})
