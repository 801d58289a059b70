"""The top of a file: its blocks, and what must be right everywhere in it."""

from __future__ import annotations

from dataclasses import dataclass

from eventhub.exchange import values
from eventhub.exchange.reading import Node, fail

TOP = (
    "series",
    "project",
    "organisations",
    "persons",
    "editions",
    "events",
    "related",
    "conflicts",
    "sources",
)
_ADDRESSES = frozenset({"url", "join_url"})


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of one file; `head` and `list_name` say which words it uses for series and editions."""

    root: Node
    head: str
    list_name: str
    series: Node
    organisations: dict[str, Node]
    persons: dict[str, Node]
    editions: list[Node]
    related: list[Node]
    sources: Node | None
    conflicts: Node | None

    @property
    def top(self) -> list[str]:
        return list(self.root.value)


def document_of(root: Node) -> Document:
    """Check the blocks of a file, its references to sources and its web addresses."""
    blocks = values.mapping(root)
    for key, node in blocks.items():
        if key not in TOP:
            fail(node, f"“{key}” is not a part of this format; known are {', '.join(TOP)}")
    head = _one_of(root, "series", "project")
    list_name = _one_of(root, "editions", "events")
    sources = blocks.get("sources")
    _check_sources(blocks, values.mapping(sources) if sources else {})
    _check_addresses(root)
    return Document(
        root,
        head,
        list_name,
        blocks[head],
        _keyed(blocks.get("organisations")),
        _keyed(blocks.get("persons")),
        values.items(blocks[list_name]),
        values.items(blocks.get("related")),
        sources,
        blocks.get("conflicts"),
    )


def _one_of(root: Node, first: str, second: str) -> str:
    if first in root.value and second in root.value:
        fail(root.value[second], f"stands beside “{first}”; a file has one of the two")
    if first not in root.value and second not in root.value:
        fail(root, f"“{first}” is missing")
    return first if first in root.value else second


def _keyed(node: Node | None) -> dict[str, Node]:
    """Return entries by their keys, which become slugs."""
    found = values.mapping(node) if node is not None and node.value is not None else {}
    for key, one in found.items():
        values.slug(Node(key, one.line, one.path))
        values.mapping(one)
    return found


def _check_sources(blocks: dict[str, Node], known: dict[str, Node]) -> None:
    for key, block in blocks.items():
        if key == "sources":
            continue
        for name, node in block.walk():
            if name == "sources":
                values.references(node, known, "source")


def _check_addresses(root: Node) -> None:
    """Pages make links of these, so nothing but web addresses may stand there."""
    for name, node in root.walk():
        if name in _ADDRESSES:
            values.web_address(node)
