"""What several tests of registration need."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.registration.asking import Asking


@pytest.fixture
def asking(app: Flask, client: FlaskClient) -> Asking:
    return Asking(app, client)
