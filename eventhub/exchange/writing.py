"""Plain data as YAML that people like to read and change."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from eventhub.exchange.reading import is_day

_WIDEST = 1_000_000
"""One entry of a list stays on one line, however long: lines are what a comparison of files shows."""


class OnOneLine(dict[str, Any]):
    """A mapping that is written between braces."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # lists are indented too
        super().increase_indent(flow, False)

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _one_line(dumper: _Dumper, data: OnOneLine) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _text(dumper: _Dumper, data: str) -> yaml.Node:
    style = '"' if "\n" in data or _looks_odd(data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


def _looks_odd(text: str) -> bool:
    """Times, numbers and the like are quoted with double quotes, as people do."""
    return bool(text) and text[0].isdigit() and text.replace(":", "").replace(".", "").isdigit()


def _list(dumper: _Dumper, data: list[Any]) -> yaml.Node:
    short = all(not isinstance(one, dict | list) for one in data) and sum(len(str(one)) for one in data) < 80
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=short)


_Dumper.add_representer(OnOneLine, _one_line)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def with_days(value: Any) -> Any:
    """Return a value from a JSON column with its days as days again."""
    if isinstance(value, dict):
        return {key: with_days(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_days(one) for one in value]
    return date.fromisoformat(value) if isinstance(value, str) and is_day(value) else value


def yaml_text(document: dict[str, Any]) -> str:
    """Write one block per top-level key, with an empty line between."""
    return "\n".join(_block(key, value) for key, value in document.items())


def _block(key: str, value: Any) -> str:
    """Write one block; in a list of rows each begins after an empty line."""
    rows = isinstance(value, list) and any(isinstance(one, dict) for one in value)
    text: str = yaml.dump(
        {key: [_laid_out(one, 1) for one in value] if rows else _laid_out(value, 1)},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDEST,
        default_flow_style=False,
    )
    return text.replace("\n  - ", "\n\n  - ").replace(":\n\n  - ", ":\n  - ", 1) if rows else text


def _laid_out(value: Any, depth: int) -> Any:
    """Put mappings on one line that hold no list of further mappings and are not a row of their own."""
    if isinstance(value, list):
        return [_laid_out(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _laid_out(one, depth + 1) for key, one in value.items()}
    flat = all(_is_short(one) for one in inner.values())
    return OnOneLine(inner) if flat and depth > 1 else inner


def _is_short(value: Any) -> bool:
    if isinstance(value, OnOneLine):
        return True
    if isinstance(value, list):
        return all(not isinstance(one, dict | list) for one in value)
    return not isinstance(value, dict) and "\n" not in str(value)
