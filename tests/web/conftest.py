"""A small application of its own: the parts of every page, without features and database."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from itertools import count
from pathlib import Path

import pytest
from flask import Flask, Response, flash, redirect, render_template, request, session, url_for
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from jinja2 import FileSystemBytecodeCache
from wtforms import fields, validators
from wtforms.fields.choices import SelectChoice

from eventhub import web
from eventhub.errors import Overtaken, RuleBroken
from eventhub.web.forms import Form
from eventhub.web.limits import client as client_address
from eventhub.web.limits import limit
from eventhub.web.page_cache import cacheable

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [SelectChoice("a", "A"), SelectChoice("b", "B")]


@dataclass
class Meeting:
    zone: str = "Europe/Berlin"
    start_date: date | None = None
    end_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    planned: str | None = None


MEETING = Meeting(
    start_date=date(2021, 12, 7), end_date=date(2021, 12, 7), start_time=time(15), end_time=time(18)
)


class DemoForm(Form):
    name = fields.StringField("Name", [validators.InputRequired("Give a name"), validators.Length(max=20)])
    email = fields.EmailField("E-mail", [validators.InputRequired("Give an address")], description="For you")
    note = fields.TextAreaField("Note")
    room = fields.RadioField("Room", [validators.InputRequired("Choose")], choices=ROOMS)
    tracks = fields.SelectMultipleField("Tracks", choices=[SelectChoice("x"), SelectChoice("y")])
    day = fields.DateField("Day", [validators.Optional()])
    seats = fields.IntegerField("Seats", [validators.Optional()])
    consent = fields.BooleanField("Consent", [validators.InputRequired("Agree, please")])


@pytest.fixture
def revision(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The number of the present public content; tests change it."""
    known = {"number": 1}
    monkeypatch.setattr(web, "current_revision", lambda _app: known["number"])
    return known


@pytest.fixture
def settings() -> dict[str, object]:
    """More settings of the demo application; test modules replace it."""
    return {}


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(revision: dict[str, int], settings: dict[str, object], compiled: FileSystemBytecodeCache) -> Flask:
    folders = {"root_path": str(ROOT / "eventhub"), "template_folder": str(ROOT / "templates")}
    app = Flask("eventhub", static_folder=None, **folders)
    app.config.from_mapping(
        SECRET_KEY="k" * 40,
        BASE_URL="http://localhost",
        HOST="localhost",
        SESSION_COOKIE_SECURE=False,
        BABEL_DEFAULT_LOCALE="de",
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=200,
    )
    app.config.update(settings)
    web.init_app(app)
    app.jinja_env.bytecode_cache = compiled
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "templates"))  # type: ignore[union-attr]
    _add_pages(app)
    _add_small_pages(app)
    _add_cacheable_pages(app)
    return app


def _add_pages(app: Flask) -> None:
    @app.route("/demo/", methods=["GET", "POST"])
    def demo() -> ResponseReturnValue:
        form = DemoForm()
        if form.validate_on_submit():
            flash("Saved", "ok")
            return redirect(url_for("done"), 303)
        return render_template("demo.html", form=form), 422 if request.method == "POST" else 200

    @app.route("/done")
    def done() -> str:
        return render_template("plain.html", text="done")

    @app.route("/look")
    def look() -> str:
        return render_template("look.html", m=MEETING)

    @app.route("/organise")
    def organise() -> str:
        return render_template("organise.html")


def _add_small_pages(app: Flask) -> None:
    @app.route("/number/<int:number>")
    def number(number: int) -> str:
        return str(number)

    @app.route("/my/<token>/")
    def my(token: str) -> str:
        return token

    @app.route("/rule")
    def rule() -> str:
        raise RuleBroken("Rooms <A> and B are full")

    @app.route("/overtaken")
    def overtaken() -> str:
        raise Overtaken

    @app.route("/fail/<token>")
    def fail(token: str) -> str:
        raise ZeroDivisionError

    @app.route("/limited")
    def limited() -> str:
        limit("demo", 2, 600)
        return client_address()


def _add_cacheable_pages(app: Flask) -> None:
    rendered = count(1)

    @app.route("/page")
    def page() -> str:
        cacheable()
        return render_template("plain.html", text=f"rendered {next(rendered)} times")

    @app.route("/soon")
    def soon() -> str:
        cacheable(max_age=1)
        return f"{next(rendered)}"

    @app.route("/personal")
    def personal() -> str:
        cacheable()
        return f"{session.get('name')} {next(rendered)}"

    @app.route("/cookie")
    def cookie() -> Response:
        cacheable()
        answer = Response(f"{next(rendered)}")
        answer.set_cookie("a", "b")
        return answer

    @app.route("/own-tag")
    def own_tag() -> Response:
        answer = Response("mine")
        answer.set_etag("abc")
        return answer


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def token_in() -> Callable[[str], str]:
    """Find the token in the form of a page."""

    def find(page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    return find
