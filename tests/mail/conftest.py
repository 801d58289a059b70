"""Mails of a kind that only tests know, and a real server to send them to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import Settings
from tests.mail import letters
from tests.mail.post_office import PostOffice, open_post_office


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """Run an SMTP server process."""
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Point the application at the SMTP server where a test asks for one."""
    settings = replace(settings, mail_sender="Example Lab <events@lab.example>")
    if "post_office" not in request.fixturenames:
        return settings
    office: PostOffice = request.getfixturevalue("post_office")
    return replace(settings, mail_server="127.0.0.1", mail_port=office.port)


@pytest.fixture(autouse=True)
def kinds_for_tests() -> None:
    """Know the kinds of mail that only tests use."""
    letters.register()
