"""A mail server for tests that read what arrives there, over an address that TLS protects."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import Settings
from tests.mail.post_office import PostOffice, open_post_office


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """Run an SMTP server process."""
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Point the application at the mail server where a test asks for one."""
    if "post_office" not in request.fixturenames:
        return settings
    office: PostOffice = request.getfixturevalue("post_office")
    return replace(
        settings, mail_server="127.0.0.1", mail_port=office.port, base_url="https://events.example"
    )
