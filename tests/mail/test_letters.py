"""What participants and organisers read: every kind, in German with du and Sie, and in English."""

from __future__ import annotations

import re
from datetime import date, time
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.editions.service import update
from eventhub.extensions import db
from tests.mail.samples import CONTACT, calendar_of, every_kind, html_of, mails_sent, text_of
from tests.registration.samples import add_edition, signed_up

OCCASIONS = {
    "confirmed place",
    "waitlisted none",
    "organiser_notice full none",
    "organiser_notice mail_failed none",
    "group none",
    "group_changed none",
    "group_gone none",
    "existing confirmed place",
    "existing waitlisted none",
    "details_changed waitlisted none",
    "details_changed confirmed place",
    "address_changed none",
    "edition_changed confirmed place",
    "edition_changed waitlisted none",
    "held held none",
    "held waitlisted none",
    "existing held none",
    "pending none",
    "rejected none",
    "offered offered none",
    "expired expired none",
    "expired unconfirmed none",
    "cancelled participant offered True none",
    "cancelled participant pending False none",
    "cancelled participant True place",
    "cancelled participant False none",
    "cancelled organiser True place",
    "promoted place",
    "edition_cancelled confirmed place",
    "edition_cancelled offered none",
}
ENGLISH = re.compile(
    r"\b(the|you|your|registration|place|open|join|cancel|waitlist|until|mail is)\b", re.IGNORECASE
)
DU = re.compile(r"\b(du|dich|dir|dein\w*)\b", re.IGNORECASE)
SIE = re.compile(r"\b(Sie|Ihnen|Ihre?[mnrs]?)\b")
LARGEST = 30 * 1024


def spoken(mail: EmailMessage) -> str:
    """Return what is to be read in a mail, without addresses."""
    read = re.sub(r"<style.*?</style>|<[^>]+>", " ", html_of(mail), flags=re.DOTALL)
    whole = f"{mail['Subject']}\n{text_of(mail)}\n{read}"
    return re.sub(r"https?://\S+|\S+@\S+", "", whole)


@pytest.mark.parametrize(("language", "address"), [("de", "du"), ("de", "sie"), ("en", "du")])
def test_every_kind_speaks_one_language(app: Flask, language: str, address: str) -> None:
    mails = every_kind(app, language, address)
    assert set(mails) == OCCASIONS
    for occasion, mail in mails.items():
        words = spoken(mail)
        if language == "de":
            assert not ENGLISH.search(words), (occasion, ENGLISH.search(words))
            assert not (DU if address == "sie" else SIE).search(words), occasion
            assert (SIE if address == "sie" else DU).search(words) or occasion.startswith("organiser")
        else:
            assert not re.search(r"\b(und|die|Anmeldung|Uhr|für)\b", words), occasion


def test_every_kind_is_a_sound_mail(app: Flask) -> None:
    mails = every_kind(app, "de")
    for occasion, mail in mails.items():
        assert len(mail.as_bytes()) < LARGEST, occasion
        assert not mail.defects
        for part in mail.walk():
            assert not part.defects
        for header in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"):
            assert len(mail.get_all(header, [])) == 1, (occasion, header)
        assert getaddresses([mail["From"]]) == [("LabCamp", "events@lab.example")]
        # the one picture travels in the mail itself
        html = re.sub(r'<img src="cid:ticket"[^>]*>', "", html_of(mail))
        assert not re.search(r"src=|url\(|@import|<script|<img|<table", html), occasion
        assert "%(" not in spoken(mail)
        assert not re.search(r"\n\n\n", text_of(mail)), occasion
        assert (mail["Reply-To"] is None) == (
            calendar_of(mail) is not None or occasion.startswith("organiser")
        ), occasion


def test_the_calendar_says_what_the_mail_says(app: Flask) -> None:
    mails = every_kind(app, "de")
    for occasion, mail in mails.items():
        found = calendar_of(mail)
        assert (found is not None) == occasion.endswith("place"), occasion
        if found is None:
            continue
        method, event = found
        withdraws = occasion.startswith(("cancelled", "edition_cancelled"))
        assert method == ("CANCEL" if withdraws else "REQUEST"), occasion
        assert event["STATUS"] == ("CANCELLED" if withdraws else "CONFIRMED")
        assert event["ORGANIZER"] == "mailto:events@lab.example"
        assert event["ORGANIZER"].params["CN"] == "LabCamp"
        assert event["ATTENDEE"] == f"mailto:{getaddresses([mail['To']])[0][1]}"
        assert event["SUMMARY"] == "LabCamp #5: Die Teenager-Jahre eines Labs"
        joins = "https://meet.example" in event.to_ical().decode().replace("\r\n ", "")
        assert joins is not withdraws, occasion


def test_only_those_with_a_place_get_the_link_for_joining(app: Flask) -> None:
    mails = every_kind(app, "de")
    for occasion, mail in mails.items():
        told = "https://meet.example" in text_of(mail) + html_of(mail)
        wanted = occasion.endswith("place") and not occasion.startswith(("cancelled", "edition_canc"))
        assert told is wanted, occasion


def test_text_and_html_lead_to_the_same_places(app: Flask) -> None:
    mails = every_kind(app, "en")
    for occasion, mail in mails.items():
        in_html = set(re.findall(r'href="([^"]+)"', html_of(mail)))
        in_text = set(re.findall(r"https?://\S+", text_of(mail)))
        assert in_html == in_text, occasion
        own = {link for link in in_html if "/my/" in link}
        gone = ("cancelled", "edition_cancelled", "address_changed", "organiser", "rejected", "expired")
        assert bool(own) is not occasion.startswith(gone), occasion


def test_a_confirmation_in_words(app: Flask) -> None:
    mails = every_kind(app, "de")
    mail = mails["confirmed place"]
    text = text_of(mail)
    assert re.fullmatch(r"Du bist dabei: LabCamp #5 am \d+\.\s\w+, 15\sUhr", mail["Subject"])
    assert text.startswith("Du bist dabei, Anna Ay")
    assert "Talk 0" in text
    assert "ANFAHRT" in text
    assert "U6 bis Platz der Luftbrücke fahren" in text
    assert "Team CityLAB: team@lab.example" in text
    assert "/privacy/" in text
    assert "/imprint/" in text


def test_a_change_says_what_was_and_what_is(app: Flask) -> None:
    mails = every_kind(app, "en")
    text = text_of(mails["edition_changed confirmed place"]).replace("\N{NO-BREAK SPACE}", " ")
    subject = mails["edition_changed confirmed place"]["Subject"]
    assert subject.startswith("New time and new place: LabCamp #5")
    assert re.search(r"Time: .*4 to 6 pm \(Berlin\), until now .*3 to 6 pm \(Berlin\)", text)
    assert "Place: Rathaus, Platz der Luftbrücke 4, Berlin, until now CityLAB" in text
    assert "The way to join online is new." in text
    event = calendar_of(mails["edition_changed confirmed place"])
    assert event is not None
    assert event[1]["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"


def test_names_are_escaped_shortened_and_never_become_links(app: Flask) -> None:
    edition_id = add_edition(app, series=CONTACT)
    with app.app_context():
        signed_up(edition_id, 1, name='<b>"Bobby" & Söhne</b>')
        signed_up(edition_id, 2, name="Win at evil.example/now")
        signed_up(edition_id, 3, name="x" * 120)
        first, second, third = (mail for row, mail in mails_sent() if row.registration_id)
        assert 'Du bist dabei, <b>"Bobby" & Söhne</b>' in text_of(first)
        assert "Du bist dabei, &lt;b&gt;&#34;Bobby&#34; &amp; Söhne&lt;/b&gt;" in html_of(first)
        assert "evil" not in text_of(second) + html_of(second)
        assert text_of(second).startswith("Du bist dabei\n")
        assert "x" * 120 in text_of(third)


def test_who_answers_in_a_calendar(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        signed_up(edition_id, 2, email="anna@outlook.de")
        signed_up(edition_id, 3, email="events@lab.example")
        mails = [calendar_of(mail) for _row, mail in mails_sent()]
        asked = [found and found[1]["ATTENDEE"].params for found in mails]
        assert [one and (one["PARTSTAT"], one["RSVP"]) for one in asked] == [
            ("ACCEPTED", "FALSE"),
            ("NEEDS-ACTION", "TRUE"),
            None,
        ]


def test_days_without_hours_and_no_day_at_all(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            edition.start_time = edition.end_time = edition.starts_at = edition.ends_at = None
        signed_up(edition_id, 1)
        found = calendar_of(mails_sent()[0][1])
        assert found is not None
        assert found[1]["DTSTART"].params["VALUE"] == "DATE"
        with transaction():
            edition.date_inferred = True
        signed_up(edition_id, 2)
        assert calendar_of(mails_sent()[1][1]) is None


def test_a_confirmation_is_dropped_when_the_edition_was_cancelled_meanwhile(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        with transaction():
            db.session.get_one(Edition, edition_id).state = "cancelled"
        assert mails_sent() == []


def test_an_edition_that_loses_its_day_leaves_the_calendars(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        invited = calendar_of(mails_sent()[-1][1])
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            gone = dict.fromkeys(("start_date", "start_time", "end_date", "end_time"))
            update(edition, gone | {"planned": "2027-06"}, edition.version)
        mail = mails_sent()[-1][1]
        withdrawn = calendar_of(mail)
        assert invited is not None
        assert withdrawn is not None
        assert (withdrawn[0], withdrawn[1]["STATUS"]) == ("CANCEL", "CANCELLED")
        for name in ("UID", "DTSTART", "DTEND", "SUMMARY"):
            assert withdrawn[1][name] == invited[1][name]
        assert withdrawn[1]["SEQUENCE"] > invited[1]["SEQUENCE"]
        assert "nimmt den Eintrag aus deinem Kalender" in " ".join(text_of(mail).split())
        assert "Juni 2027" in " ".join(text_of(mail).split())
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            update(edition, {"start_date": date(2027, 6, 8), "start_time": time(15)}, edition.version)
        again = calendar_of(mails_sent()[-1][1])
        assert again is not None
        assert again[0] == "REQUEST"
        assert again[1]["SEQUENCE"] > withdrawn[1]["SEQUENCE"]
