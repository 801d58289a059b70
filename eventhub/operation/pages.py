"""The doctor as a page, for the owners of an organisation: what is well, and a proof that mail works."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from eventhub.doctor import at_hand, far
from eventhub.operation.surroundings import Finding
from eventhub.organisations.queries import organisations_of
from eventhub.organisations.roles import Capability
from eventhub.replies.round_trip import prove
from eventhub.web.languages import ngettext
from eventhub.web.limits import limit

PATIENCE = 10.0
"""So many seconds a browser waits for a mail to come back."""
PROOFS_PER_HOUR = 10
HOUR = 3600

pages = Blueprint("doctor", __name__, url_prefix="/manage")


@pages.route("/doctor", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def doctor() -> ResponseReturnValue:
    """Show what is well; when asked, also look at what is elsewhere and send a mail around."""
    if not organisations_of(current_user, Capability.OWN):
        abort(404)
    findings, mail = list(at_hand()), list[Finding]()
    if request.method == "POST":
        try:
            limit("doctor", PROOFS_PER_HOUR, HOUR, who=str(current_user.id))
        except TooManyRequests as reached:
            page = render_template("operation/doctor.html", findings=findings, later=_later(reached))
            return page, 429, {"Retry-After": str(reached.retry_after)}
        findings += far()
        mail = [Finding(*step) for step in prove(current_user.email, PATIENCE)]
    return render_template("operation/doctor.html", findings=findings, mail=mail)


def _later(reached: TooManyRequests) -> str:
    """Say when there may be another proof: each holds a thread, and asks servers of others."""
    seconds = reached.retry_after if isinstance(reached.retry_after, int) else HOUR
    return ngettext(
        "That was looked at often enough for now, and no mail was sent. Try again in %(num)s minute.",
        "That was looked at often enough for now, and no mail was sent. Try again in %(num)s minutes.",
        -(-seconds // 60),
    )
