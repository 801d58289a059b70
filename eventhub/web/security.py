"""Protection of every request and response: headers, where a form came from, what it may contain."""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, abort, current_app, g, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from eventhub.extensions import csrf
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
VARY = ("Accept-Encoding", "Accept-Language", "Cookie")
ONE_YEAR = "max-age=31536000"
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
MAX_FIELDS = 200
LARGEST_NUMBER = 2**31 - 1

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_BROKEN = "\ud800-\udfff\ufffd\ufffe\uffff"
FORBIDDEN_IN_TEXT = re.compile(f"[{_CONTROL}{_BIDI}{_BROKEN}]")
FORBIDDEN_IN_ADDRESS = re.compile(f"[\t\n\r{_CONTROL}{_BIDI}{_BROKEN}]")


class ForeignForm(Forbidden):
    """A form was sent from another site."""


class ForbiddenCharacter(BadRequest):
    """A text contains a character that nobody can see; `field` names where."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


# requests -------------------------------------------------------------------------------------------


def _check_address() -> None:
    """Refuse characters that no link of ours contains, before a view or the database meets them."""
    try:
        query = unquote_to_bytes(request.query_string.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        abort(400)
    if FORBIDDEN_IN_ADDRESS.search(request.path) or FORBIDDEN_IN_ADDRESS.search(query):
        abort(400)
    if any(isinstance(value, int) and value > LARGEST_NUMBER for value in (request.view_args or {}).values()):
        raise NotFound


def _check_form() -> None:
    """Refuse changes that another site sent or that are no form, and forms with unusable characters."""
    if request.method not in CHANGING:
        return
    if not sent_from_here():
        raise ForeignForm
    if request.mimetype not in FORM_TYPES and (request.content_length or request.mimetype):
        raise UnsupportedMediaType
    if _too_large():
        raise RequestEntityTooLarge
    fields = list(request.form.items(multi=True))
    if len(fields) > MAX_FIELDS:
        raise RequestEntityTooLarge
    for name, value in fields:
        if FORBIDDEN_IN_TEXT.search(value) or FORBIDDEN_IN_ADDRESS.search(name):
            raise ForbiddenCharacter(name)


def _too_large() -> bool:
    """Return whether a plain form is larger than allowed; Werkzeug checks that for multipart forms alone."""
    plain = request.mimetype == FORM_TYPES[0]
    return plain and (request.content_length or 0) > (request.max_form_memory_size or 0)


def sent_from_here() -> bool:
    """Return whether the browser says that this site sent the form, or says nothing.

    Pages with `no-referrer` send the origin "null"; there Sec-Fetch-Site decides, and where a browser
    sends neither, the form's token alone.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin in ("null", current_app.config["BASE_URL"]) or urlsplit(origin).netloc == request.host


def surely_sent_from_here() -> bool:
    """Return whether the browser itself says that a page of this site sent the form."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or (
        request.headers.get("Origin") == current_app.config["BASE_URL"]
    )


def safe_target(target: str | None, default: str = "/") -> str:
    """Return where to go next: a path of this site, never another one."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    return default if "\\" in target or FORBIDDEN_IN_ADDRESS.search(target) else target


# responses ------------------------------------------------------------------------------------------


def secret_address() -> None:
    """Say that the address of this page is a secret which no other page may learn."""
    g.secret_address = True


def _add_headers(response: Response) -> Response:
    headers = response.headers
    secret = "secret_address" in g or request.path.startswith("/my/")
    wanted = HEADERS | {"Referrer-Policy": "no-referrer" if secret else "same-origin"}
    if secret:
        wanted["X-Robots-Tag"] = "noindex, nofollow"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        wanted["Strict-Transport-Security"] = ONE_YEAR
    if response.mimetype == "text/html":
        wanted["Content-Language"] = language()
    if headers.get("Cache-Control", "no-cache") == "no-cache":  # what Flask says of files by itself
        headers["Cache-Control"] = "no-cache" if "cacheable" in g else "no-store"
    if "Vary" in headers:
        response.vary.update(VARY)
    else:
        wanted["Vary"] = ", ".join(VARY)
    present = {name for name, _value in headers}
    headers.extend([pair for pair in wanted.items() if pair[0] not in present])
    return response


# errors that a person can do something about ----------------------------------------------------------


def explain(error: BadRequest) -> str | None:
    """Return what a person can do about a refused request, where we know more than its number."""
    if isinstance(error, CSRFError):
        return _("The page was open for too long, or your browser does not keep cookies.")
    if isinstance(error, ForbiddenCharacter):
        return _(
            "The field “%(field)s” contains an invisible control character. Go back, type that text again"
            " and send the form once more. Your entries are still there.",
            field=error.field[:40],
        )
    return None


def resendable() -> Iterable[tuple[str, str]]:
    """Return the fields of a form whose token had expired, so that a click sends them again."""
    if not surely_sent_from_here() or request.files:
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def init_app(app: Flask) -> None:
    """Protect every request and response of the application."""
    app.config.update(
        TRUSTED_HOSTS=[app.config["HOST"], *LOOPBACK],
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session
        WTF_CSRF_SSL_STRICT=False,  # pages with no-referrer send no Referer; sent_from_here() does that work
    )
    app.before_request(_check_address)
    app.before_request(_check_form)
    csrf.init_app(app)
    app.after_request(_add_headers)


def trust_proxies(app: Flask) -> None:
    """Believe what as many proxies say about the client as the settings name, and no one else."""
    settings = app.config.get("SETTINGS")
    hops = settings.proxy_hops if settings else 0
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
