"""An application whose mails can be answered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from tests.conftest import FrozenClock
from tests.replies.answering import Post


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings,
        mail_sender="Example Lab <events@lab.example>",
        reply_address="replies@lab.example",
        reply_authserv="mx.lab.example",
    )


@pytest.fixture
def post(app: Flask, clock: FrozenClock) -> Post:
    return Post(app)
