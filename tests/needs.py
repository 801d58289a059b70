"""What some tests need beyond Python: a PostgreSQL server, Redis, RabbitMQ, Chromium, the folder next to us.

Where something is missing its tests are left out and one closing line says so. EVENTHUB_TEST_REQUIRE=all,
as set in CI, stops the run instead.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg
import pytest
from playwright._impl._driver import compute_driver_executable
from sqlalchemy.engine import URL, make_url

from eventhub.worker.broker import unreachable

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CHROMIUM_NAMES = (
    "chromium-headless-shell",  # draws the same and needs less
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
LEFT_OUT = "left out: "


def postgres_url() -> URL:
    """Return the address of the server that tests may use; they make databases of their own on it."""
    usual = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    return make_url(os.environ.get("EVENTHUB_TEST_DATABASE_URL") or usual).set(
        drivername="postgresql+psycopg"
    )


def postgres_server(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """Connect in autocommit, as creating databases needs it."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=3)


@cache
def missing_postgres() -> str | None:
    """Say why PostgreSQL can't be used; None if it can."""
    url = postgres_url()
    try:
        postgres_server(url).close()
    except psycopg.OperationalError:
        return f"no PostgreSQL at {url.host or 'the local socket'}:{url.port or 5432}"
    return None


@cache
def chromium() -> str | None:
    """Return the path of an installed Chromium; tests never download one."""
    names = (os.environ["CHROMIUM"],) if os.environ.get("CHROMIUM") else CHROMIUM_NAMES
    return next((path for path in map(shutil.which, names) if path), None)


def missing_chromium() -> str | None:
    """Say that there is no Chromium; None if there is."""
    return None if chromium() else "no Chromium"


AXE = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"


def missing_axe() -> str | None:
    """Say that the accessibility rules are missing; None if they are there."""
    return None if AXE.exists() else "no axe-core; npm ci in tests/browser brings it"


def node() -> str:
    """Return the Node.js that comes with Playwright, for the page checker; no other is needed."""
    return str(compute_driver_executable()[0])


ICALJS = ROOT / "tests" / "browser" / "node_modules" / "ical.js"
OIDC_PROVIDER = ROOT / "tests" / "browser" / "node_modules" / "oidc-provider"
SYSTEM_PYTHON = "/usr/bin/python3"
"""It has the bindings of the system's libraries, which ours has not."""


def missing_icaljs() -> str | None:
    """Say that ical.js is missing; None if it is there."""
    return None if ICALJS.exists() else "no ical.js; npm ci in tests/browser brings it"


def missing_oidc_provider() -> str | None:
    """Say that there is no OpenID provider to sign in with; None if there is."""
    return None if OIDC_PROVIDER.exists() else "no oidc-provider; npm ci in tests/browser brings it"


@cache
def missing_libical() -> str | None:
    """Say that libical can't be asked; None if it can."""
    ask = "import gi; gi.require_version('ICalGLib', '3.0'); from gi.repository import ICalGLib"
    if not Path(SYSTEM_PYTHON).exists():
        return "no Python of the system for libical"
    done = subprocess.run([SYSTEM_PYTHON, "-c", ask], capture_output=True, check=False)
    return "no libical with its Python bindings" if done.returncode else None


def redis_url() -> str:
    """Return the address of the Redis that tests may use; they keep to a database number of their own."""
    return os.environ.get("EVENTHUB_TEST_REDIS_URL") or "redis://127.0.0.1:6379/9"


def rabbitmq_url() -> str:
    """Return the address of the RabbitMQ that tests may use."""
    return os.environ.get("EVENTHUB_TEST_RABBITMQ_URL") or "amqp://guest:guest@127.0.0.1:5672//"


@cache
def missing_redis() -> str | None:
    """Say that Redis can't be used; None if it can."""
    return "no Redis" if unreachable(redis_url()) else None


@cache
def missing_rabbitmq() -> str | None:
    """Say that RabbitMQ can't be used; None if it can."""
    return "no RabbitMQ" if unreachable(rabbitmq_url()) else None


@cache
def missing_mail_servers() -> str | None:
    """Say that Postfix and Dovecot can't be run; only root may start a Postfix."""
    found = all(Path(f"/usr/sbin/{name}").exists() for name in ("postfix", "dovecot"))
    return None if found and os.geteuid() == 0 else "no Postfix and Dovecot that may be started"


@cache
def missing_thunderbird() -> str | None:
    """Say that Thunderbird can't be started; None if it can, on a screen that nobody sees."""
    return None if shutil.which("thunderbird") and shutil.which("Xvfb") else "no Thunderbird and Xvfb"


NEEDS: dict[str, Callable[[], str | None]] = {
    "postgres": missing_postgres,
    "redis": missing_redis,
    "rabbitmq": missing_rabbitmq,
    "mail_servers": missing_mail_servers,
    "browser": missing_chromium,
    "axe": missing_axe,
    "icaljs": missing_icaljs,
    "oidc_provider": missing_oidc_provider,
    "libical": missing_libical,
    "thunderbird": missing_thunderbird,
}
NOT_IN_CI = ("thunderbird",)
"""Too large to be installed for each change; docs/calendars.md says how to run its test."""


def required() -> bool:
    """Tell whether everything has to be there."""
    return os.environ.get("EVENTHUB_TEST_REQUIRE") == "all"


def leave_out(items: list[pytest.Item]) -> None:
    """Mark the tests whose need is missing."""
    for item in items:
        for marker, missing in NEEDS.items():
            if item.get_closest_marker(marker) and (reason := missing()):
                item.add_marker(pytest.mark.skip(reason=LEFT_OUT + reason))


def closing_line(reasons: list[str]) -> str:
    """Sum up in one line what was left out, given the reason of each test."""
    if not reasons:
        return "Nothing was left out."
    counted = [(reasons.count(reason), reason) for reason in dict.fromkeys(reasons)]
    parts = [f"{count} {'test' if count == 1 else 'tests'} ({reason})" for count, reason in counted]
    return f"Left out: {'; '.join(parts)}."
