"""The template lint finds what it should, and only that."""

import pytest

from tools.templates import faults


def found(source: str, *, html: bool = True, mail: bool = False) -> list[str]:
    return [text for _, text in faults(source, html=html, mail=mail)]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("<script>go()</script>", "inline script"),
        ("<style>p{}</style>", "inline style sheet"),
        ('<p style="color: red"></p>', "inline style"),
        ('<p {% if x %}class="a"{% endif %} onclick="go()"></p>', "event handler onclick"),
        ("{{ text|safe }}", "|safe switches escaping off"),
        ("{{ text|trim|safe|upper }}", "|safe switches escaping off"),
        ("{% autoescape false %}{{ text }}{% endautoescape %}", "autoescape is switched off"),
        ('<img src="https://example.org/a.png" alt="">', "src leads elsewhere: https://example.org/a.png"),
        ('<a href=" //example.org/">{{ name }}</a>', "href leads elsewhere:  //example.org/"),
        ('<a href="javascript:go()">{{ name }}</a>', "href leads elsewhere: javascript:go()"),
        ('<form action="http://example.org"></form>', "action leads elsewhere: http://example.org"),
        ("<p>Register</p>", "untranslated text “Register”"),
        ("<p>Places: {{ free }}</p>", "untranslated text “Places:”"),
        ('{{ "Register" }}', "untranslated text “Register”"),
        ('<input placeholder="Your name">', "untranslated placeholder “Your name”"),
        ('<nav aria-label="Main"></nav>', "untranslated aria-label “Main”"),
        ('<input type="submit" value="Send it">', "untranslated value “Send it”"),
        ('{{ ui.button("Register here now") }}', "untranslated argument “Register here now”"),
        ('{{ ui.note(title="Saved") }}', "untranslated argument title=“Saved”"),
        (
            '<form method="post"><button>{{ _("Go") }}</button></form>',
            "a form that posts sends no CSRF token",
        ),
        ("{% if %}", "can’t be read: Expected an expression, got 'end of statement block'"),
    ],
)
def test_a_fault_is_found(source: str, fault: str) -> None:
    assert found(source) == [fault]


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ _("Register") }} · {{ ngettext("%(num)s place", "%(num)s places", free) }}</p>',
        "<p>{% trans %}Register now{% endtrans %}</p>",
        '<a href="/imprint">{{ _("Imprint") }}</a>',
        '<a href="{{ google }}" rel="external">{{ _("Google Calendar") }}</a>',
        '<a href="?lang=de" lang="de">Deutsch</a>',
        '<span translate="no">LabCamp</span>',
        "<title>{{ title }} – eventhub</title>",
        '<script type="application/ld+json">{{ data }}</script>',
        "<script src=\"{{ asset('js/enhance.js') }}\" defer></script>",
        '<form method="post">{{ forms.csrf() }}</form>',
        '<form><input name="q"></form>',
        '{{ icon("cal", "chev") }}{{ url_for("site.edition", series=slug) }}',
        "{# Register here #}<p>12:30 × 3 &amp; 4</p>",
        '<{{ level }} class="h3">{{ title }}</{{ level }}>',
        '{{ [when, where]|join(" · "|safe) }}',
    ],
)
def test_what_is_right_passes(source: str) -> None:
    assert found(source) == []


def test_the_line_is_named_even_below_long_expressions() -> None:
    source = '<p>{{ ui.note(\n  _("a"),\n  _("b")\n) }}</p>\n{# two\nlines #}\n<p>Register</p>\n'
    assert faults(source) == [(7, "untranslated text “Register”")]


def test_mails_may_style_inline_and_text_parts_are_read_as_text() -> None:
    assert found('<p style="margin:0">{{ name }}</p>', mail=True) == []
    assert found('Hello {{ name }},\n\n{{ _("you are in") }}\n', html=False) == [
        "untranslated text “Hello ,”"
    ]
