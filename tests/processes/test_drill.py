"""The drill in small: people register, choose sessions, cancel and are told of a move."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.drill import database
from bench.killed import KilledDrill

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_is_lost_doubled_or_overbooked(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url:
        drill = KilledDrill(kind, tmp_path, url, people=80, kills=0)
        assert drill.run_killed() == {}
        assert len(drill.crowd.journeys) == 80
