"""Pictures made on the server: drawn posters, bars and QR codes. Positions only; colours belong to the style
sheets, but for QR codes, which are black on white everywhere or can't be read.
"""

import base64
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import segno

Shape = Literal["poster", "landscape", "square"]

TONES = 6
MOTIFS = 6
MARGIN = 18
LINE_STEP = 1.16
MAX_LINES = 4
MOTIF_CUT = 0.1
"""Motifs are drawn 2:3; of what a wider shape can't show, this share is cut at the top, the rest below."""
GLYPH = 0.56
"""Average width of a bold sans letter in parts of its size; on the safe side: text never overflows."""

_SIZES: dict[Shape, tuple[int, int]] = {"poster": (200, 300), "landscape": (320, 180), "square": (220, 220)}
_TEXT_SIZES = (28, 24, 20, 17)


@dataclass(frozen=True, slots=True)
class Line:
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Art:
    """A poster drawn from a title: same title, same picture."""

    tone: int
    motif: int
    motif_y: int
    motif_height: int
    width: int
    height: int
    text_size: int
    lines: tuple[Line, ...]
    note: str
    note_y: int


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of a bar in hundredths of its width."""

    start: float
    width: float
    label: str


def poster_art(title: str, note: str = "", *, shape: Shape = "poster") -> Art:
    """The poster of a title that has none; `note` stands below it, a year for example."""
    seed = zlib.crc32(title.encode())
    width, height = _SIZES[shape]
    motif_height = round(width * 1.5)
    size, words = _fit(title.strip() or "Untitled", width - 2 * MARGIN)
    floor = height - MARGIN - (20 if note else 0)
    step = size * LINE_STEP
    first = floor - step * (len(words) - 1)
    lines = tuple(Line(round(first + step * index), text) for index, text in enumerate(words))
    return Art(
        tone=1 + seed % TONES,
        motif=1 + seed // TONES % MOTIFS,
        motif_y=round((height - motif_height) * MOTIF_CUT),
        motif_height=motif_height,
        width=width,
        height=height,
        text_size=size,
        lines=lines,
        note=note,
        note_y=height - MARGIN + 4,
    )


def tone_of(text: str) -> int:
    """The quiet colour that belongs to a name."""
    return 1 + zlib.crc32(text.encode()) % TONES


def bar(parts: Sequence[tuple[str, int]], whole: int) -> tuple[BarPart, ...]:
    """Shares of a whole laid end to end; what exceeds the whole is cut at its end."""
    drawn: list[BarPart] = []
    start = 0.0
    for label, amount in parts:
        width = min(100 * amount / max(whole, 1), 100 - start)
        if width > 0:
            drawn.append(BarPart(round(start, 2), round(width, 2), label))
        start += width
    return tuple(drawn)


@dataclass(frozen=True, slots=True)
class Column:
    """An hour or a day: how much of it went well, from below, and the rest above; neither where nothing
    happened."""

    x: int
    good: int
    bad: int


COLUMN_STEP = 4
COLUMN_HEIGHT = 24


def columns(shares: Sequence[float | None]) -> tuple[Column, ...]:
    """One for each share that went well, in order; None for times at which nothing happened."""
    drawn: list[Column] = []
    for place, share in enumerate(shares):
        if share is None:
            drawn.append(Column(place * COLUMN_STEP, 0, 0))
            continue
        good = round(COLUMN_HEIGHT * share)
        # A failure among thousands is drawn, and so is an answer.
        good = min(max(good, int(share > 0)), COLUMN_HEIGHT - int(share < 1))
        drawn.append(Column(place * COLUMN_STEP, good, COLUMN_HEIGHT - good))
    return tuple(drawn)


def qr_svg(text: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn, kind="svg", border=2, xmldecl=False, dark="#000000", light="#ffffff", scale=8, omitsize=True
    )
    return drawn.getvalue()


def qr_address(text: str) -> str:
    """The code inside the page itself, for what only this one answer knows."""
    return f"data:image/svg+xml;base64,{base64.b64encode(qr_svg(text)).decode()}"


def _fit(title: str, width: int) -> tuple[int, list[str]]:
    """The largest size at which the title fits; the smallest, cut with an ellipsis, when none does."""
    for size in _TEXT_SIZES:
        lines = _wrap(title, letters=int(width / (size * GLYPH)))
        if lines is not None:
            return size, lines
    size = _TEXT_SIZES[-1]
    letters = int(width / (size * GLYPH))
    return size, _cut(title, letters)


def _wrap(title: str, *, letters: int) -> list[str] | None:
    lines: list[str] = []
    for word in title.split():
        if len(word) > letters:
            return None
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= MAX_LINES else None


def _cut(title: str, letters: int) -> list[str]:
    words = [
        word[index : index + letters] for word in title.split() for index in range(0, len(word), letters)
    ]
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) <= MAX_LINES:
        return lines
    return [*lines[: MAX_LINES - 1], lines[MAX_LINES - 1][: letters - 1].rstrip() + "…"]
