"""What a section of the page is made of; the template knows how each kind looks."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup


class Text(NamedTuple):
    """A paragraph; `tone` is "plain", "note" (what to know) or "absent" (why nothing is shown)."""

    text: str
    tone: str = "plain"


class Command(NamedTuple):
    """A command to copy."""

    title: str
    command: str


class Facts(NamedTuple):
    """Names with their values, in a table of two columns."""

    rows: tuple[tuple[str, str], ...]


class Bullets(NamedTuple):
    """A list of sentences."""

    title: str
    items: tuple[str, ...]


class Column(NamedTuple):
    """A column of a table: "number" stands to the right, "text" to the left, "prose" is small."""

    name: str
    kind: str = "number"


class Table(NamedTuple):
    """Rows of text under columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


class Picture(NamedTuple):
    """A figure with its title and how to read it."""

    title: str
    image: Markup
    caption: str


class Card(NamedTuple):
    """One thing among many alike: what it is, its picture, what could not be drawn."""

    title: str
    facts: tuple[str, ...]
    image: Markup | None
    notes: tuple[str, ...] = ()


class Link(NamedTuple):
    """A sentence that ends in a link."""

    text: str
    address: str
    label: str


Block = Text | Command | Facts | Bullets | Table | Picture | Card | Link


class Section(NamedTuple):
    """A part of the page; `anchor` is its address on the page."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
