"""Texts that strangers wrote."""

from __future__ import annotations


def printable(text: str) -> str:
    """Without what nobody sees: controls, ends of lines, halves of letters."""
    return text if text.isprintable() else "".join(letter for letter in text if letter.isprintable())


def storable(text: str) -> str:
    """Without NUL, which no column of PostgreSQL's holds."""
    return text.replace("\0", "")
