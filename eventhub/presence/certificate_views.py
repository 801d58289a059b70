"""The certificate behind the personal link, and the public page that says whether one is genuine."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.editions.phrases import organisers
from eventhub.presence import certificates
from eventhub.presence.certificates import certified, code_of
from eventhub.registration import secret_link
from eventhub.registration.models import Registration
from eventhub.web import times
from eventhub.web.documents import can_make_documents, download
from eventhub.web.limits import limit
from eventhub.web.links import link_to, path_to

pages = Blueprint("certificates", __name__)

HOUR = 3600
CHECKS_PER_HOUR = 60
LONGEST_CODE = 60


@pages.get("/my/<token>/certificate")
def show(token: str) -> ResponseReturnValue:
    """Show the certificate as a page, which the browser prints."""
    found = secret_link.opened(token)
    if found is None or not certified(found):
        return secret_link.unknown()
    return _drawn(found, token, preview=True)


@pages.get("/my/<token>/certificate.pdf")
def file(token: str) -> ResponseReturnValue:
    """Hand out the same as PDF, where PDF files can be made."""
    found = secret_link.opened(token)
    if found is None or not certified(found):
        return secret_link.unknown()
    if not can_make_documents():
        return redirect(path_to("certificates.show", token=token), 303)
    edition = found.edition
    return download(_drawn(found, token, preview=False), f"{edition.series.slug}-{edition.key}-certificate")


@pages.get("/certificates/")
def check() -> ResponseReturnValue:
    """Say whether the code of a certificate is genuine, and what it stands for."""
    code = request.args.get("code", "")[:LONGEST_CODE].strip()
    found = None
    if code:
        limit("certificate", CHECKS_PER_HOUR, HOUR)
        found = certificates.by_code(code)
    days = certified(found) if found else ()
    return render_template(
        "presence/check_certificate.html",
        code=code,
        registration=found if days else None,
        edition=found.edition if found and days else None,
        days=days,
        organisers=organisers(found.edition) if found and days else "",
    )


def _drawn(registration: Registration, token: str, *, preview: bool) -> str:
    edition = registration.edition
    return render_template(
        "presence/certificate.html",
        registration=registration,
        edition=edition,
        token=token,
        days=certified(registration),
        organisers=organisers(edition),
        today=times.local(clock.now(), edition.zone).date(),
        code=code_of(registration),
        check_link=link_to("certificates.check"),
        preview=preview,
        as_files=can_make_documents(),
    )
