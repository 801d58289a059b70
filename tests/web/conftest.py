"""A small application of its own: the parts of every page, without features and database."""

from pathlib import Path

import pytest
from flask import Flask, redirect, render_template, request, url_for
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import fields, validators

from eventhub import web

ROOT = Path(__file__).resolve().parents[2]


class DemoForm(FlaskForm):
    name = fields.StringField("Name", [validators.InputRequired("Give a name"), validators.Length(max=20)])
    email = fields.EmailField(
        "E-mail", [validators.InputRequired("Give an address")], description="For the mail"
    )
    note = fields.TextAreaField("Note")
    room = fields.RadioField("Room", [validators.InputRequired("Choose")], choices=[("a", "A"), ("b", "B")])
    day = fields.DateField("Day", [validators.Optional()])
    seats = fields.IntegerField("Seats", [validators.Optional()])
    consent = fields.BooleanField("Consent", [validators.InputRequired("Agree, please")])


@pytest.fixture
def app() -> Flask:
    app = Flask(
        "eventhub",
        root_path=str(ROOT / "eventhub"),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
    )
    app.config.from_mapping(
        SECRET_KEY="k" * 40,
        TESTING=True,
        BASE_URL="http://localhost",
        HOST="localhost",
        SESSION_COOKIE_SECURE=False,
        BABEL_DEFAULT_LOCALE="de",
    )
    web.init_app(app)
    _add_demo_pages(app)
    return app


def _add_demo_pages(app: Flask) -> None:
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "templates"))  # type: ignore[union-attr]

    @app.route("/demo/", methods=["GET", "POST"])
    def demo() -> tuple[str, int] | Response:
        form = DemoForm()
        if form.validate_on_submit():
            return redirect(url_for("done"), 303)
        return render_template("demo.html", form=form), 422 if request.method == "POST" else 200

    @app.route("/done")
    def done() -> str:
        return "done"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
