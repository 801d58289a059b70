"""The drill in small, with kill -9 on the way: people register, choose, cancel and are told of a move."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.drill import database
from bench.killed import KilledDrill, broken

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_is_lost_doubled_or_overbooked(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url:
        drill = KilledDrill(kind, tmp_path, url, people=60, kills=3)
        counted = drill.run_killed()
        assert counted["kills"] == 3
        assert broken(counted) == {}
        assert len(drill.crowd.journeys) == 60
