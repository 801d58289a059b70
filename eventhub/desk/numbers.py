"""Pages of numbers: of an edition, and of a series across its editions. They name nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.desk import figures, spreadsheets
from eventhub.desk.blueprint import found_edition, found_series, own_rights, pages
from eventhub.desk.edition_figures import of_edition
from eventhub.desk.figures import Figure
from eventhub.desk.needs import needs
from eventhub.desk.series_figures import of_series
from eventhub.editions.models import Edition, Series
from eventhub.editions.rules import erases_on
from eventhub.numbers.models import FEWEST
from eventhub.organisations.roles import Capability


@pages.get("/<series>/<edition>/numbers/")
@needs(Capability.LOOK)
def numbers(series: str, edition: str) -> ResponseReturnValue:
    """Show what an edition can be told in numbers."""
    found = found_edition(series, edition)
    return render_template(
        "desk/numbers/edition.html",
        edition=found,
        figures=_of_edition(found),
        erases_on=erases_on(found),
        fewest=FEWEST,
    )


@pages.get("/<series>/<edition>/numbers.csv")
@needs(Capability.LOOK)
def numbers_table(series: str, edition: str) -> ResponseReturnValue:
    """Hand out one table of these, or all."""
    found = found_edition(series, edition)
    return _download(f"{found.series.slug}-{found.key}", _of_edition(found))


@pages.get("/<series>/numbers/")
@needs(Capability.LOOK)
def series_numbers(series: str) -> ResponseReturnValue:
    """Show what the editions of a series can be told in numbers."""
    found = found_series(series)
    return render_template("desk/numbers/series.html", series=found, figures=_of_series(found), fewest=FEWEST)


@pages.get("/<series>/numbers.csv")
@needs(Capability.LOOK)
def series_numbers_table(series: str) -> ResponseReturnValue:
    """Hand out one table of these, or all."""
    found = found_series(series)
    return _download(found.slug, _of_series(found))


def _of_edition(edition: Edition) -> list[Figure]:
    sees_people = Capability.PEOPLE in own_rights().in_edition(edition.id)
    return of_edition(edition, everything=sees_people)


def _of_series(series: Series) -> list[Figure]:
    return of_series(series, everything=Capability.PEOPLE in own_rights().in_series())


def _download(about: str, found: Sequence[Figure]) -> Response:
    wanted = request.args.get("table", "")
    rows = _rows(found, wanted)
    words = "-".join(part for part in (about, "numbers", wanted, f"{clock.now():%Y-%m-%d}") if part)
    return spreadsheets.download(f"{words}.csv", spreadsheets.table(rows))


def _rows(found: Sequence[Figure], wanted: str) -> Iterator[Sequence[str]]:
    if not wanted:
        return figures.one_table(found)
    figure = next((one for one in found if one.key == wanted), None) or abort(404)
    return figures.table_of(figure)
