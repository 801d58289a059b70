"""Signed-in organisers for tests of pages."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub import clock
from eventhub.accounts.models import SignInLink, User
from eventhub.accounts.service import create_user
from eventhub.database import transaction
from eventhub.editions.models import Series, SeriesOrganisation
from eventhub.extensions import db
from eventhub.organisations.models import Member, Organisation, Role
from eventhub.tokens import fingerprint, new_seed


def sign_in(client: FlaskClient, user: User) -> None:
    """Open a session for the user, as the mailed link does; needs an application context."""
    seed = new_seed()
    link = SignInLink(email=user.email, user_id=user.id, seed=seed, token_hash=fingerprint(seed.hex()))
    link.used_at = clock.now()
    link.expires_at = clock.now() + timedelta(minutes=15)
    with transaction():
        db.session.add(link)
    with client.session_transaction() as session:
        session["sign_in"] = link.id
        session["_user_id"] = user.get_id()
        session["_fresh"] = True


def organiser_of(
    app: Flask,
    *series_slugs: str,
    email: str = "nadine@lab.example",
    role: Role = Role.OWNER,
    client: FlaskClient | None = None,
) -> SimpleNamespace:
    """Make an organiser of the named series and return her id and a client signed in as her."""
    client = client or app.test_client()
    with app.app_context():
        with transaction():
            user = create_user(email, "Nadine S.")
            slug = f"lab-{email.partition('@')[0]}"
            organisation = db.session.scalar(select(Organisation).filter_by(slug=slug))
            if organisation is None:
                organisation = Organisation(slug=slug, name="Example Lab")
                db.session.add(organisation)
            db.session.flush()
            if db.session.get(Member, (user.id, organisation.id)) is None:
                db.session.add(Member(user_id=user.id, organisation_id=organisation.id, role=role))
            _let_run(organisation, series_slugs)
            found = SimpleNamespace(id=user.id, organisation_id=organisation.id, client=client)
        sign_in(client, db.session.get_one(User, found.id))
    return found


def _let_run(organisation: Organisation, series_slugs: tuple[str, ...]) -> None:
    for slug in series_slugs:
        series = db.session.scalars(select(Series).filter_by(slug=slug)).one()
        series.organisation_links.append(SeriesOrganisation(organisation=organisation))
