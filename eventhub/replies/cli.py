"""The operator's `mail` commands."""

from __future__ import annotations

import os
import sys

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from eventhub.database import transaction
from eventhub.replies import rules, service

ALL_OF_IT = 50_000_000
"""No mail server hands over more; what is above the limit is read too, so that its pipe does not break."""


@click.group("mail")
def mail_commands() -> None:
    """What comes in by mail."""


@mail_commands.command("receive")
@click.option("--recipient", default="", metavar="ADDRESS", help="Whom the mail came to, as in ${recipient}.")
@with_appcontext
def receive(recipient: str) -> None:
    """Take one mail from standard input and keep it for the worker.

    Ends with 0 once it is stored, and with 75 (try again later) while the database does not answer.
    """
    content = sys.stdin.buffer.read(rules.LARGEST + 1)
    sys.stdin.buffer.read(ALL_OF_IT)
    if not content:
        raise click.UsageError("there is no mail on standard input")
    try:
        with transaction():
            service.receive(content, recipient)
    except IntegrityError:
        return  # the same mail came twice at once
    except SQLAlchemyError as error:
        click.echo(f"not stored, try again: {type(error).__name__}", err=True)
        sys.exit(os.EX_TEMPFAIL)
