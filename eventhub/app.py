"""create_app(): configuration, extensions, features, in that order."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from config import ROOT, Settings, load_settings
from eventhub import database, reactions, web
from eventhub.extensions import db, login, mail, migrate

FEATURES = (
    "accounts",
    "questionnaires",
    "registration",
    "signups",
    "groups",
    "subscriptions",
    "engagements",
    "invitations",
    "own_calendars",
    "presence",
    "replies",
    "privacy",
    "roles",
    "mail",
    "site",
    "desk",
    "api",
    "operation",
)
"""Features with pages; `init_app(app)` in the `routes.py` of each registers them."""

MODELS = (
    "accounts",
    "organisations",
    "questionnaires",
    "editions",
    "agenda",
    "registration",
    "signups",
    "groups",
    "programme_changes",
    "announcements",
    "subscriptions",
    "engagements",
    "invitations",
    "own_calendars",
    "presence",
    "replies",
    "roles",
    "mail",
    "history",
    "worker",
)

LETTERS = (
    "accounts.mails",
    "registration.letters",
    "registration.sample_letters",
    "signups.letters",
    "groups.letters",
    "programme_changes.letters",
    "announcements.mails",
    "subscriptions.mails",
    "engagements.mails",
    "invitations.mails",
    "own_calendars.mails",
    "replies.mails",
    "privacy.mails",
    "roles.mails",
)
"""What writes mails; importing it registers its kinds."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; raises config.SettingError with one clear line when a setting is impossible."""
    settings = settings or load_settings()
    app = Flask(
        "eventhub",
        root_path=str(ROOT / "eventhub"),
        instance_path=str(settings.instance.resolve()),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
    )
    _configure(app, settings)
    for feature in MODELS:
        import_module(f"eventhub.{feature}.models")
    db.init_app(app)
    database.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    mail.init_app(app)
    login.init_app(app, add_context_processor=False)  # its processor would read the session for every page
    web.init_app(app)
    _register_features(app)
    for module in LETTERS:
        import_module(f"eventhub.{module}")
    reactions.connect()
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        BASE_URL=settings.base_url,
        HOST=settings.host,
        PREFERRED_URL_SCHEME="https" if settings.https else "http",
        SESSION_COOKIE_NAME="__Host-session" if settings.https else "session",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAIL_SERVER=settings.mail_server,
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username,
        MAIL_PASSWORD=settings.mail_password,
        MAIL_USE_TLS=settings.mail_security == "starttls",
        MAIL_USE_SSL=settings.mail_security == "tls",
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        BABEL_DEFAULT_LOCALE=settings.default_language,
        BABEL_DEFAULT_TIMEZONE=settings.default_timezone,
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=200,
    )


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.sqlite:
        return {"pool_size": 16, "max_overflow": 16, "pool_use_lifo": True, "hide_parameters": True}
    return {
        "pool_size": 8,
        "max_overflow": 8,
        "hide_parameters": True,  # what people typed belongs in no log
        "connect_args": {"connect_timeout": 5},
    }


def _register_features(app: Flask) -> None:
    for feature in FEATURES:
        module = import_module(f"eventhub.{feature}.routes")
        module.init_app(app)
