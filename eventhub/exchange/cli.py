"""Commands that bring series in and out."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from eventhub.database import rehearsal, transaction
from eventhub.errors import RuleBroken
from eventhub.exchange.service import export_series, import_file, put_in_charge


@click.group(name="series")
def series_commands() -> None:
    """Bring series in from YAML files, and out."""


@series_commands.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.yaml…")
@click.option("--organisation", metavar="SLUG", help="Whose members may manage the series.")
@click.option("--preview", is_flag=True, help="Say what would happen, and who would move up; save nothing.")
@with_appcontext
def import_command(files: tuple[Path, ...], organisation: str | None, preview: bool) -> None:
    """Create or update the series of each FILE; if one file is broken, none changes anything."""
    try:
        with rehearsal() if preview else transaction():
            reports = [import_file(path) for path in files]
            for report in reports if organisation else ():
                put_in_charge(report.series, str(organisation))
    except RuleBroken as error:
        sys.exit(error.message)
    if preview:
        click.echo("Nothing is saved. This would happen:")
    for report in reports:
        click.echo(report.words())
        for note in report.notes:
            click.echo(f"  {note}")


@series_commands.command(name="export")
@click.argument("slug")
@with_appcontext
def export_command(slug: str) -> None:
    """Write the series SLUG to standard output, in the format that `import` reads."""
    try:
        click.echo(export_series(slug), nl=False)
    except RuleBroken as error:
        sys.exit(error.message)
