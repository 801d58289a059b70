"""The languages of the interface: which one is spoken, and every text in it, cheaply.

Texts come from two catalogues: `messages`, and `formal`, which overrides those German strings that
address the reader wherever `g.formal` is true. Import `gettext as _`, `ngettext` and `lazy_gettext`
from here: they cost a fraction of Flask-Babel's, which find the same texts through `CheapDomain`.
"""

import gettext as gnu
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlencode

from babel import Locale
from flask import Flask, current_app, g, has_app_context, has_request_context, redirect, request
from flask_babel import Domain, force_locale
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from eventhub.extensions import babel

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LANGUAGES = {"de": "Deutsch", "en": "English"}
LOCALES = {code: Locale.parse(code) for code in LANGUAGES}
MODES = ("light", "dark", "auto")
FOLDER = Path(__file__).resolve().parent.parent / "translations"
YEAR = 365 * 24 * 3600

LANGUAGE_COOKIE = re.compile(r"(?:^|;\s*)language=(de|en)(?=;|$)")
MODE_COOKIE = re.compile(r"(?:^|;\s*)mode=(light|dark)(?=;|$)")

Texts = dict[str | tuple[str, int], str]


class Voice(NamedTuple):
    """A language in one form of address."""

    language: str
    formal: bool = False


_voice: ContextVar[Voice | None] = ContextVar("voice", default=None)


@lru_cache
def texts(language: str, formal: bool) -> Texts:
    """Return every text of a language by its English original; plural forms by original and index."""
    found: Texts = {}
    for domain in ("messages", "formal") if formal else ("messages",):
        path = gnu.find(domain, str(FOLDER), [language])
        if path:
            with Path(path).open("rb") as file:
                catalogue: Any = gnu.GNUTranslations(file)
            found.update({key: text for key, text in vars(catalogue)["_catalog"].items() if key and text})
    return found


def voice() -> Voice:
    """Return the language and form of address that are spoken now."""
    spoken = _voice.get()
    if spoken:
        return spoken
    if not has_app_context():
        return Voice("en")
    known = vars(g._get_current_object())  # noqa: SLF001  # attribute access through the proxy costs six times as much
    language = known.get("language")
    if not language:
        language = g.language = _default_or_requested()
    return Voice(language, bool(known.get("formal")))


def language() -> str:
    """Return "de" or "en"."""
    return voice().language


def _default_or_requested() -> str:
    default: str = current_app.config["DEFAULT_LANGUAGE"]
    return language_of(request.environ, default) if has_request_context() else default


def language_of(environ: "WSGIEnvironment", default: str) -> str:
    """Return the language that a request asks for: by cookie, then by Accept-Language."""
    chosen = LANGUAGE_COOKIE.search(environ.get("HTTP_COOKIE", ""))
    return chosen[1] if chosen else _accepted(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200]) or default


@lru_cache(maxsize=512)
def _accepted(header: str) -> str | None:
    wanted = (
        tag.split("-")[0].lower() for tag, quality in parse_accept_header(header, LanguageAccept) if quality
    )
    return next((tag for tag in wanted if tag in LANGUAGES), None)


def mode_of(environ: "WSGIEnvironment") -> Literal["light", "dark"] | None:
    """Return the chosen display mode; None follows the device."""
    chosen = MODE_COOKIE.search(environ.get("HTTP_COOKIE", ""))
    return None if chosen is None else "dark" if chosen[1] == "dark" else "light"


def mode() -> Literal["light", "dark"] | None:
    """Return the display mode of this request."""
    return mode_of(request.environ) if has_request_context() else None


@contextmanager
def speaking(language: str, formal: bool = False) -> Iterator[None]:
    """Speak a language inside the block, for example to write a mail; also outside of requests."""
    token = _voice.set(Voice(language, formal))
    try:
        if has_app_context():
            with force_locale(LOCALES[language]):
                yield
        else:
            yield
    finally:
        _voice.reset(token)


def _text(key: str | tuple[str, int], original: str) -> str:
    spoken = _voice.get()
    if spoken:
        return texts(*spoken).get(key, original)
    try:
        known = vars(g._get_current_object())  # noqa: SLF001  # as above
    except RuntimeError:
        return original
    kept: tuple[bool | None, Texts] | None = known.get("texts")
    if kept is None or kept[0] != known.get("formal"):
        kept = g.texts = known.get("formal"), texts(*voice())
    return kept[1].get(key, original)


def _filled(text: str, values: dict[str, Any]) -> str:
    return text % values if values or "%%" in text else text


def gettext(original: str, /, **values: Any) -> str:
    """Return the text in the spoken language."""
    return _filled(_text(original, original), values)


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """Return the singular or plural in the spoken language; `%(num)s` stands for the number."""
    values.setdefault("num", num)
    return _filled(_plural(singular, plural, num), values)


def pgettext(context: str, original: str, /, **values: Any) -> str:
    """Return the text that an English word with several meanings has in this context."""
    return _filled(_text(f"{context}\x04{original}", original), values)


def _plural(singular: str, plural: str, num: int) -> str:
    one = num == 1
    return _text((singular, 0 if one else 1), singular if one else plural)


def lazy_gettext(original: str, /, **values: Any) -> str:
    """Return a stand-in that is translated when it is shown, for texts at module level."""
    lazy: str = LazyString(gettext, original, **values)
    return lazy


class CheapDomain(Domain):  # type: ignore[misc]
    """Lets Flask-Babel's own functions find the texts of this module."""

    def gettext(self, string: str, **variables: Any) -> str:
        return gettext(string, **variables)

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        return ngettext(singular, plural, num, **variables)

    def pgettext(self, context: str, string: str, **variables: Any) -> str:
        return pgettext(context, string, **variables)


@pass_eval_context
def _template_gettext(context: EvalContext, original: str, /, **values: Any) -> str:
    return _for_template(context, _text(original, original), values)


@pass_eval_context
def _template_ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **values: Any) -> str:
    values.setdefault("num", num)
    return _for_template(context, _plural(singular, plural, num), values)


@pass_eval_context
def _template_pgettext(context: EvalContext, meaning: str, original: str, /, **values: Any) -> str:
    return _for_template(context, _text(f"{meaning}\x04{original}", original), values)


def _for_template(context: EvalContext, text: str, values: dict[str, Any]) -> str:
    return _filled(_marked(text) if context.autoescape else text, values)


@lru_cache(maxsize=8192)
def _marked(text: str) -> Markup:
    return Markup(text)  # noqa: S704  # our own text; values are escaped when they are filled in


def with_parameter(name: str, value: str) -> str:
    """Return a relative link to this page with one parameter of its query set."""
    return f"?{urlencode([*_query_without(name), (name, value)])}"


def _query_without(*names: str) -> list[tuple[str, str]]:
    found = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    return [pair for pair in found if pair[0] not in names]


def _keep_choice() -> Response | None:
    if request.method != "GET" or not (b"lang=" in request.query_string or b"mode=" in request.query_string):
        return None
    if not ("lang" in request.args or "mode" in request.args):
        return None
    rest = urlencode(_query_without("lang", "mode"))
    answer = redirect("/" + request.path.lstrip("/\\") + (f"?{rest}" if rest else ""))
    if request.args.get("lang") in LANGUAGES:
        _set_cookie(answer, "language", request.args["lang"])
    if request.args.get("mode") in MODES:
        _set_cookie(answer, "mode", request.args["mode"])
    return answer


def _set_cookie(answer: Response, name: str, value: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")


def init_app(app: Flask) -> None:
    """Speak the visitor's language everywhere."""
    app.config["DEFAULT_LANGUAGE"] = app.config.get("BABEL_DEFAULT_LOCALE", "de")
    babel.init_app(app, default_locale=app.config["DEFAULT_LANGUAGE"], locale_selector=language)
    babel.domain_instance = CheapDomain()
    names = {"_": _template_gettext, "gettext": _template_gettext, "ngettext": _template_ngettext}
    app.jinja_env.globals.update(names, pgettext=_template_pgettext)
    app.jinja_env.globals.update(
        language=language, mode=mode, languages=LANGUAGES, with_parameter=with_parameter
    )


def offer_choice(app: Flask) -> None:
    """Take the choice of language and display from `?lang=` and `?mode=`, once a request has been checked."""
    app.before_request(_keep_choice)
