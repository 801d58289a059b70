"""What every test may ask for: an application on a prepared database of its own, a client, a frozen clock."""

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType

import flask_migrate
import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

from config import Settings
from eventhub import clock as eventhub_clock
from eventhub import database
from eventhub.app import create_app
from eventhub.extensions import db, mail
from eventhub.web import limits, page_cache
from tests import needs
from tests.mail.post_office import PostOffice, open_post_office
from tests.postgres import PreparedDatabase, postgres_database

# CI repeats itself, so that a failure there is the change's; elsewhere every run looks for something new
hypothesis.settings.register_profile("eventhub", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("eventhub"), max_examples=25)
hypothesis.settings.load_profile("eventhub")

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Stop at once when CI lacks a service, instead of leaving tests out."""
    chosen = config.getoption("markexpr")
    needed = (
        missing
        for name, missing in needs.NEEDS.items()
        if f"not {name}" not in chosen and name not in needs.NOT_IN_CI
    )
    lacking = [reason for missing in needed if (reason := missing())] if needs.required() else []
    if lacking:
        raise pytest.UsageError(f"EVENTHUB_TEST_REQUIRE=all, but: {', '.join(lacking)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine can't run."""
    needs.leave_out(items)


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules and tests of the run, which live until its end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked `both_databases` on both, those marked `postgres` on PostgreSQL alone."""
    if "database_kind" not in metafunc.fixturenames:
        return
    markers = {marker.name for marker in metafunc.definition.iter_markers()}
    postgres = pytest.param("postgresql", marks=pytest.mark.postgres)
    if "both_databases" in markers:
        metafunc.parametrize("database_kind", ["sqlite", postgres])
    elif "postgres" in markers:
        metafunc.parametrize("database_kind", [postgres])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name in one line what was left out."""
    reports = terminalreporter.getreports("skipped")
    found = [str(report.longrepr[2]) for report in reports if isinstance(report.longrepr, tuple)]
    terminalreporter.write_line(
        needs.closing_line(
            [reason.removeprefix("Skipped: ").removeprefix(needs.LEFT_OUT) for reason in found]
        )
    )


def prepare(settings: Settings) -> None:
    """Bring the empty database of these settings to the newest revision."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Compile the addresses of the routes once a run: each test builds the application, with all of them."""
    compile_builder, compiled = Rule._compile_builder, {}

    def remembered(rule: Rule, append_unknown: bool = True) -> object:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def engines_kept() -> Iterator[None]:
    """Use one engine for each database address: it remembers how every statement is compiled."""
    make_engine, kept = db._make_engine, {}

    def remembered(bind_key: str | None, options: dict[str, object], app: Flask) -> Engine:
        key = repr(options)
        if key not in kept:
            kept[key] = make_engine(bind_key, options, app)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_make_engine", remembered)
        yield


class KeptTemplates(BytecodeCache):
    """Compiled templates for all applications of the run; compiling takes longer than most tests."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session")
def usual_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings that need nothing from outside; `settings` adds the test's own database and folder."""
    return Settings(
        instance=tmp_path_factory.mktemp("prepared"),
        secret_key="a key for tests, which protects nothing",
        database_url="",
        base_url="http://localhost",
        rate_limits=False,
        embedded_worker=False,
    )


@pytest.fixture(scope="session")
def prepared_sqlite(usual_settings: Settings) -> Path:
    """Migrate one SQLite file, to be copied for each test."""
    path = usual_settings.instance / "prepared.sqlite"
    prepare(replace(usual_settings, database_url=f"sqlite:///{path}"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def prepared_postgres(usual_settings: Settings) -> Iterator[PreparedDatabase]:
    """Migrate one PostgreSQL database, to be emptied before each test."""
    name = f"eventhub_test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with postgres_database(name) as url:
        prepare(replace(usual_settings, database_url=url.render_as_string(hide_password=False)))
        prepared = PreparedDatabase(url)
        yield prepared
        prepared.close()


@pytest.fixture
def database_kind() -> str:
    """Say which database the test gets: SQLite, unless it is marked `both_databases` or `postgres`."""
    return "sqlite"


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """Give the test a migrated, empty database, where commits are real."""
    if database_kind == "sqlite":
        prepared_file: Path = request.getfixturevalue("prepared_sqlite")
        path = prepared_file.with_name("eventhub.sqlite")
        for rest in path.parent.glob("eventhub.sqlite*"):
            rest.unlink()
        shutil.copyfile(prepared_file, path)
        return f"sqlite:///{path}"
    prepared: PreparedDatabase = request.getfixturevalue("prepared_postgres")
    prepared.restore()
    return prepared.url.render_as_string(hide_password=False)


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """Run an SMTP server process; the application sends its mails there."""
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture
def settings(usual_settings: Settings, database_url: str, request: pytest.FixtureRequest) -> Settings:
    """Settings of the test's application; a test module may override this fixture with a changed copy."""
    instance = usual_settings.instance / "instance"
    shutil.rmtree(instance, ignore_errors=True)
    found = replace(usual_settings, instance=instance, database_url=database_url)
    if "post_office" not in request.fixturenames:
        return found
    office: PostOffice = request.getfixturevalue("post_office")
    return replace(found, mail_server="127.0.0.1", mail_port=office.port)


@pytest.fixture(scope="session")
def compiled_templates() -> KeptTemplates:
    """Keep compiled templates for the whole run."""
    return KeptTemplates()


class BuiltApp:
    """An application that many tests share, one after the other; each gets it as it was built."""

    def __init__(self, settings: Settings, templates: BytecodeCache) -> None:
        self.app = create_app(settings)
        self.app.jinja_env.bytecode_cache = templates
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self._config, self._extensions = dict(self.app.config), dict(self.app.extensions)

    def as_built(self) -> Flask:
        """Return the application without anything that an earlier test set or let it keep."""
        for current, built in ((self.app.config, self._config), (self.app.extensions, self._extensions)):
            current.clear()
            current.update(built)
        self.app.extensions[database.REVISION_EXTENSION] = database.Revision()
        limits.init_app(self.app)
        mail.init_app(self.app)
        with self.app.app_context():
            page_cache.clear()
        return self.app


@pytest.fixture(scope="session")
def built_apps() -> dict[Settings, BuiltApp]:
    """Keep the applications of the run: building one takes longer than most tests."""
    return {}


@pytest.fixture
def app(
    settings: Settings, built_apps: dict[Settings, BuiltApp], compiled_templates: KeptTemplates
) -> Iterator[Flask]:
    """Give an application as if fresh; forms need no CSRF token unless a test sets WTF_CSRF_ENABLED."""
    if settings not in built_apps:
        built_apps[settings] = BuiltApp(settings, compiled_templates)
    app = built_apps[settings].as_built()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Browse the application without a browser."""
    return app.test_client()


@pytest.fixture
def shared() -> Path:
    """Return the folder of real data next to the project; without it the test is left out."""
    if not needs.SHARED.is_dir():
        pytest.skip(f"{needs.LEFT_OUT}no ../shared")
    return needs.SHARED


class FrozenClock:
    """A present that stands still until a test moves it."""

    def __init__(self, present: datetime) -> None:
        self.present = present

    def now(self) -> datetime:
        return self.present

    def set(self, present: datetime) -> None:
        self.present = present.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        self.present += span


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """Freeze eventhub.clock on a Monday morning; `clock.set(…)` and `clock.advance(…)` move it."""
    frozen = FrozenClock(MONDAY_MORNING)
    monkeypatch.setattr(eventhub_clock, "system_time", frozen.now)
    return frozen
