"""What a process remembers of public content."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from eventhub.database import Haste, kept, transaction
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from tests.base.helpers import running_threads


def _labs() -> int:
    return db.session.scalar(select(func.count()).select_from(Organisation)) or 0


def _add_lab(slug: str) -> None:
    with transaction():
        db.session.add(Organisation(slug=slug, name=slug))


def test_what_is_kept_is_read_once_until_content_changes(app: Flask) -> None:
    reads = []

    def read() -> int:
        reads.append(1)
        return _labs()

    with app.app_context():
        before = kept(("labs",), read)
        assert kept(("labs",), read) == before
        assert len(reads) == 1
        _add_lab("new")
        assert kept(("labs",), read) == before + 1


def test_what_an_older_snapshot_sees_is_not_kept(app: Flask) -> None:
    with app.app_context():
        before = _labs()  # the snapshot of this session begins here
        with app.app_context():
            _add_lab("new")
        assert kept(("labs",), _labs) == before + 1


def test_what_a_transaction_has_not_committed_is_not_kept(app: Flask) -> None:
    with app.app_context():
        before = kept(("labs",), _labs)
        with transaction():
            db.session.add(Organisation(slug="new", name="new"))
            db.session.flush()
            assert kept(("other labs",), _labs) == before
        assert kept(("other labs",), _labs) == before + 1


def test_others_step_aside_while_somebody_is_in_haste() -> None:
    haste = Haste()
    passed: list[str] = []
    haste.begin()
    with running_threads(lambda: (haste.let_pass(30), passed.append("other"))):
        passed.append("in haste")
        haste.end()
    assert passed == ["in haste", "other"]


def test_nobody_steps_aside_for_ever() -> None:
    haste = Haste()
    haste.begin()
    with running_threads(lambda: haste.let_pass(0.01)):
        pass
    haste.end()


def test_one_who_ends_does_not_end_the_haste_of_another() -> None:
    haste = Haste()
    haste.begin()
    with running_threads(haste.end):
        pass
    passed: list[str] = []
    with running_threads(lambda: (haste.let_pass(30), passed.append("other"))):
        passed.append("in haste")
        haste.end()
    assert passed == ["in haste", "other"]
