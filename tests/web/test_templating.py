"""Templates put out plain strings, and escape exactly as Jinja does."""

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup, escape

from eventhub.web.templating import compile_plainly, escaped

TEMPLATE = """
{%- macro field(label) %}<b title="{{ label }}">{{ label }}{{ caller() if caller else "" }}</b>{% endmacro -%}
{%- set block %}<i>{{ value }}</i>{% endset -%}
{{ value }}|{{ safe }}|{{ number }}|{{ missing }}|{{ block }}|{{ field(value) }}|{{ value ~ safe }}
{{ [value, safe]|join }}
{%- call field(safe) %}{{ value }}{% endcall %}|{% filter upper %}{{ value }}{% endfilter %}
{%- autoescape false %}|{{ value }}|{{ safe }}{% endautoescape %}
{%- for one in (value, safe) %}{{ one }}{% endfor %}
"""


@given(st.one_of(st.text(), st.text().map(Markup), st.integers(), st.none(), st.floats(), st.binary()))
def test_every_value_is_escaped_as_usual(value: object) -> None:
    assert escaped(value) == escape(value)


@given(value=st.text(alphabet="<>&'\"aä \n"), safe=st.text(alphabet="<>&'\"a").map(Markup))
def test_what_is_joined_stays_safe_and_is_never_escaped_twice(value: str, safe: Markup) -> None:
    usual, ours = Environment(autoescape=True), Environment(autoescape=True)
    compile_plainly(ours)
    values = {"value": value, "safe": safe, "number": 1.5}
    assert ours.from_string(TEMPLATE).render(values) == usual.from_string(TEMPLATE).render(values)
