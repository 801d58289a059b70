"""Operator commands about accounts."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from eventhub.accounts import queries, service
from eventhub.database import transaction


@click.group("accounts")
def accounts_commands() -> None:
    """Organisers' accounts."""


@accounts_commands.command("sign-in-link")
@click.argument("email")
@with_appcontext
def sign_in_link(email: str) -> None:
    """Print a link that signs EMAIL in once, within 15 minutes, in any browser."""
    with transaction():
        user = queries.user_by_email(email)
        if user is None or not user.active:
            raise click.ClickException(
                f"There is no account {email}. "
                f"To make one: eventhub accounts create {email} --organisation SLUG"
            )
        link = service.operator_link(user)
    click.echo(link)
