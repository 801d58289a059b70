"""Mails of a kind that only tests know, and a real server to send them to."""

from dataclasses import replace

import pytest

from config import Settings
from tests.mail import letters


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Send in the name of a lab."""
    return replace(settings, mail_sender="Example Lab <events@lab.example>")


@pytest.fixture(autouse=True)
def kinds_for_tests() -> None:
    """Know the kinds of mail that only tests use."""
    letters.register()
