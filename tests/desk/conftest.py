"""What tests of the organiser's pages ask for."""

import pytest
from flask import Flask

from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    """Sign an organiser in who runs the series `labcamp`; the series `other` is not hers."""
    return desk_of(app)
