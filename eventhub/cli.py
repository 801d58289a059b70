"""The `eventhub` command: Flask's own commands and ours."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask
from flask.cli import FlaskGroup

from config import ROOT, SettingError
from eventhub.app import create_app
from eventhub.exchange.cli import series_commands
from eventhub.operation import logs
from eventhub.organisations.cli import accounts_commands
from eventhub.replies.cli import mail_commands
from eventhub.serving import backup_command, beat, doctor, restore_command, serve, worker


def _app() -> Flask:
    app = create_app()
    logs.configure(app.config["SETTINGS"])
    return app


@click.group(
    cls=FlaskGroup,
    create_app=_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
)
def eventhub() -> None:
    """eventhub: publish an agenda, register people, put the meeting into their calendars."""


COMMANDS = (
    serve,
    worker,
    beat,
    doctor,
    backup_command,
    restore_command,
    accounts_commands,
    series_commands,
    mail_commands,
)
for command in COMMANDS:
    eventhub.add_command(command)


def main() -> None:
    """Run the command; an impossible setting ends it with one line instead of a trace."""
    os.environ.setdefault("FLASK_SKIP_DOTENV", "1")
    sys.path.insert(0, str(ROOT))
    try:
        eventhub.main(prog_name="eventhub")
    except SettingError as error:
        sys.exit(f"eventhub: {error}")


if __name__ == "__main__":
    main()
