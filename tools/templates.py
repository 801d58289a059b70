"""Checks what no general tool knows of our templates: the content security policy, escaping, translation.

Pages carry no inline script, style or event handler, load nothing from other hosts, never switch escaping
off, send a CSRF token with every form that posts, and show no text that has not been through Babel. Mails may
style inline.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from tools import ROOT

JINJA = re.compile(
    r"\{#.*?#\}|\{%[-+]?\s*trans\b.*?\bendtrans\s*[-+]?%\}|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
COMPUTED_TAG = re.compile(r"(</?)\{\{[^{}]*\}\}")
LETTERS = re.compile(r"[^\W\d_]{2}")
# the same in every language
NAMES = re.compile(r"\b(?:eventhub|UTC|CSV|webcal|iCalendar|Markdown|YAML|SMTP)\b")
SENTENCE = re.compile(r"^[A-ZÄÖÜ“„][^\W\d_]*[,.]? [^\W\d_]")
VISIBLE_ATTRIBUTES = {
    "alt",
    "title",
    "placeholder",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "label",
}
VISIBLE_ARGUMENTS = {"label", "title", "text", "hint", "heading", "words", "caption", "message", "describe"}
ADDRESSES = {"src", "href", "action", "formaction", "poster", "data", "srcset", "background"}
FOREIGN = re.compile(r"(?:https?:)?//|javascript:", re.IGNORECASE)
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext"}
UNSEEN = {"script", "style", "code", "pre", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
POST_FORM = re.compile(r"<form\b(?P<tag>[^>]*)>(?P<body>.*?)</form>", re.DOTALL | re.IGNORECASE)
UNPROVEN = "data-without-token"
"""What a form says that stands on pages kept for everybody: its view takes the browser's word instead."""

Fault = tuple[int, str]


def blanked(source: str) -> str:
    """Take Jinja out of a template and leave its line breaks, so that places stay right."""
    return JINJA.sub(lambda match: "\n" * match.group().count("\n"), COMPUTED_TAG.sub(r"\1x", source))


class _Page(HTMLParser):
    """Collects the faults that show in the HTML around Jinja's parts."""

    def __init__(self, *, mail: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.mail = mail
        self.faults: list[Fault] = []
        self.own_language: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            exempt = tag in UNSEEN or given.get("translate") == "no" or ("lang" in given and tag != "html")
            self.own_language.append((tag, exempt))
        if tag == "script" and "src" not in given and given.get("type") != "application/ld+json":
            self._fault("inline script")
        if tag == "style" and not self.mail:
            self._fault("inline style sheet")
        for name, value in given.items():
            self._attribute(tag, name, value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self.own_language) - 1, -1, -1):
            if self.own_language[position][0] == tag:
                del self.own_language[position:]
                return

    def handle_data(self, data: str) -> None:
        if not any(exempt for _, exempt in self.own_language):
            for offset, line in enumerate(data.splitlines()):
                if text := visible(line):
                    self.faults.append((self.getpos()[0] + offset, f"untranslated text “{text}”"))

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style" and not self.mail:
            self._fault("inline style")
        if name.startswith("on"):
            self._fault(f"event handler {name}")
        if name in ADDRESSES and FOREIGN.match(value.strip()):
            self._fault(f"{name} leads elsewhere: {value}")
        button = tag == "input" and name == "value" and LETTERS.search(value) and " " in value
        if (name in VISIBLE_ATTRIBUTES or button) and visible(value):
            self._fault(f"untranslated {name} “{value}”")

    def _fault(self, text: str) -> None:
        self.faults.append((self.getpos()[0], text))


def visible(text: str) -> str:
    """Return the part of a text that a reader would want translated, or nothing."""
    text = text.strip()
    return text if LETTERS.search(NAMES.sub("", text)) else ""


def _faults_in_html(source: str, *, mail: bool) -> list[Fault]:
    page = _Page(mail=mail)
    page.feed(blanked(source))
    page.close()
    return page.faults


def _faults_in_text(source: str) -> Iterator[Fault]:
    for number, line in enumerate(blanked(source).splitlines(), 1):
        if text := visible(line):
            yield number, f"untranslated text “{text}”"


def _faults_in_jinja(tree: nodes.Template) -> Iterator[Fault]:
    for found in tree.find_all(nodes.Filter):
        # a constant, such as a separator of joined parts, holds nothing that somebody typed
        if found.name == "safe" and not isinstance(found.node, nodes.Const):
            yield found.lineno, "|safe switches escaping off"
    for scope in tree.find_all(nodes.ScopedEvalContextModifier):
        yield scope.lineno, "autoescape is switched off"
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.Const) and visible(str(node.value)):
                yield node.lineno, f"untranslated text “{node.value}”"
    for call in tree.find_all(nodes.Call):
        yield from _faults_in_call(call)


def _faults_in_call(call: nodes.Call) -> Iterator[Fault]:
    if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT:
        return
    for argument in call.args:
        if isinstance(argument, nodes.Const) and SENTENCE.match(str(argument.value)):
            yield argument.lineno, f"untranslated argument “{argument.value}”"
    for keyword in call.kwargs:
        value = keyword.value.value if isinstance(keyword.value, nodes.Const) else None
        if isinstance(value, str) and keyword.key in VISIBLE_ARGUMENTS and visible(value):
            yield keyword.lineno, f"untranslated argument {keyword.key}=“{value}”"


def _faults_in_forms(source: str) -> Iterator[Fault]:
    for form in POST_FORM.finditer(source):
        posts = re.search(r"method=[\"']?post", form["tag"], re.IGNORECASE)
        if posts and "csrf" not in form["body"] and UNPROVEN not in form["tag"]:
            yield source.count("\n", 0, form.start()) + 1, "a form that posts sends no CSRF token"


def faults(source: str, *, html: bool = True, mail: bool = False) -> list[Fault]:
    """Return line and description of everything wrong in one template."""
    environment = Environment(
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True
    )
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return [(error.lineno, f"can’t be read: {error.message}")]
    found = [*_faults_in_jinja(tree), *(_faults_in_forms(source) if html else ())]
    found += _faults_in_html(source, mail=mail) if html else _faults_in_text(source)
    return sorted(set(found))


def faults_below(folder: Path) -> Iterator[str]:
    """Check every template of a folder."""
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
        parts = path.relative_to(folder).parts
        source = path.read_text(encoding="utf-8")
        for line, text in faults(source, html=path.suffix == ".html", mail="mail" in parts):
            yield f"{folder.name}/{'/'.join(parts)}:{line}: {text}"


def main() -> int:
    """Check the templates of the project."""
    found = list(faults_below(ROOT / "templates"))
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
