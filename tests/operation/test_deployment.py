"""compose.yaml and the page for operators name only what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from flask import Flask

from config import KNOWN, load_settings
from eventhub.cli import eventhub
from tests.needs import ROOT
from tests.running import own_environment

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
GIVEN = {"POSTGRES_PASSWORD": "secret", "EVENTHUB_SECRET_KEY": "k" * 40}


def filled_in(text: str) -> str:
    """Put values where compose puts those of the environment."""
    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: GIVEN.get(found[1], found[2] or ""), text)


def named_commands(text: str) -> set[tuple[str, ...]]:
    """Return the commands of a text, such as (worker,) and (accounts, create)."""
    command = r"(?:^|bin/| )eventhub ((?:(?:accounts|series|db) )?[a-z-]+)(?= |$|`)"
    return {tuple(found.split()) for found in re.findall(command, text, re.MULTILINE)}


def test_the_parts_are_those_of_the_production_form() -> None:
    assert set(COMPOSE["services"]) == {
        *("postgres", "redis", "mail", "migrate", "web", "worker", "beat", "proxy")
    }
    replicas = {name: COMPOSE["services"][name]["deploy"]["replicas"] for name in ("web", "worker")}
    assert replicas == {"web": 2, "worker": 2}
    used = {mount.split(":")[0] for one in COMPOSE["services"].values() for mount in one.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / name).exists() for name in used if name.startswith("."))


@pytest.mark.parametrize("service", ["migrate", "web", "worker", "beat"])
def test_its_settings_are_possible(service: str, tmp_path: Path) -> None:
    environment = COMPOSE["services"][service]["environment"]
    settings = load_settings({name: filled_in(value) for name, value in environment.items()}, tmp_path)
    assert settings.database_url == "postgresql+psycopg://eventhub:secret@postgres/eventhub"
    assert not settings.embedded_worker
    assert settings.broker_url != settings.redis_url


def test_the_proxy_writes_no_addresses_of_pages_or_people_into_its_logs() -> None:
    lines = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8").splitlines()
    settings = [line.split() for line in map(str.strip, lines) if line.endswith(";")]
    assert [one[1:] for one in settings if one[0] == "access_log"] == [["off;"]]
    # a line about an error quotes the request; only what is wrong with nginx itself is worse than that
    assert [one[-1] for one in settings if one[0] == "error_log"] == ["crit;"]


def test_every_command_exists(app: Flask) -> None:
    commands = [one.get("command", "") for one in COMPOSE["services"].values()]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = named_commands("\n".join([*commands, *re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)]))
    named |= named_commands("\n".join(re.findall(r"`(\.venv/bin/eventhub [^`]*)`", readme)))
    assert {("worker",), ("beat",), ("doctor",), ("accounts", "create")} <= named
    for first, *rest in named:
        command = {**app.cli.commands, **eventhub.commands}.get(first)
        assert command, first
        if rest:
            assert isinstance(command, click.Group)
            assert rest[0] in command.commands, (first, *rest)


def test_every_setting_on_the_page_exists() -> None:
    assert set(re.findall(r"EVENTHUB_([A-Z_]+)", PAGE)) <= KNOWN


@pytest.mark.slow
def test_a_small_installation_loads_nothing_of_the_production_form(tmp_path: Path) -> None:
    code = (
        "import sys, wsgi; heavy = {'celery', 'kombu', 'redis', 'prometheus_client'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    environment = own_environment(INSTANCE=str(tmp_path), EMBEDDED_WORKER="off")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
