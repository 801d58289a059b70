"""Adds to the operator's `accounts` commands what needs organisations."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from eventhub.accounts.cli import accounts_commands
from eventhub.accounts.forms import ADDRESS
from eventhub.accounts.service import create_user
from eventhub.database import transaction
from eventhub.organisations import queries, service
from eventhub.organisations.models import Organisation, Role

__all__ = ["accounts_commands"]


@accounts_commands.command("create")
@click.argument("email")
@click.option("--organisation", "slug", required=True, metavar="SLUG", help="Short name of the organisation.")
@click.option(
    "--new-organisation", "new_name", metavar="NAME", help="Set the organisation up under this name."
)
@click.option("--name", default="", help="The person's name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.ORGANISER.value)
@with_appcontext
def create(email: str, slug: str, new_name: str | None, name: str, role: str) -> None:
    """Give EMAIL an account and a role in an organisation."""
    if not ADDRESS.match(email) or len(email) > 254:
        raise click.ClickException(f"{email} is not an email address.")
    with transaction():
        organisation = _organisation(slug, new_name)
        user = create_user(email, name)
        service.add_member(organisation, user, Role(role))
        click.echo(f"{user.email} is {role} of {organisation.name}.")


def _organisation(slug: str, new_name: str | None) -> Organisation:
    found = queries.by_slug(slug)
    if found is not None and new_name:
        raise click.ClickException(f"There is an organisation {slug} already: {found.name}.")
    if found is None and not new_name:
        raise click.ClickException(
            f"There is no organisation {slug}. To set it up, add: --new-organisation NAME"
        )
    return found or service.create_organisation(new_name or slug, slug)
