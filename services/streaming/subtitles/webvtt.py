"""SubRip and WebVTT, as addons have them, to WebVTT as browsers read it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES: Final = re.compile(rf"\s{{0,8}}{_TIME}[ \t]{{0,8}}-->[ \t]{{0,8}}{_TIME}(.{{0,200}})", re.ASCII)
_CHARSET: Final = re.compile(
    r"windows-125\d|iso-8859-\d{1,2}|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr)", re.ASCII
)
"""What a server may name: others of Python's are slow, or no writing."""
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FONT: Final = re.compile(r"</?font[^>\n]{0,100}>|\{\\[^}\n]{0,60}\}", re.IGNORECASE)
_LESS: Final = re.compile(r"<(?!/?[biu]>)", re.IGNORECASE)


def webvtt(data: bytes, charset: str = "") -> str:
    """`charset` is what its server calls it, believed where it is no UTF-8. Empty if nothing in it is said at
    any time."""
    text = _decoded(data, charset.lower())
    is_vtt = text.startswith("WEBVTT")
    cues = "".join(f"{cue}\n\n" for cue in _cues(text.splitlines(), is_vtt=is_vtt))
    return f"WEBVTT\n\n{cues}" if cues else ""


def _decoded(data: bytes, charset: str) -> str:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked is not None:
        return data.decode(marked, errors="replace").removeprefix("\ufeff")
    try:
        return data.decode()
    except UnicodeDecodeError:
        known = _CHARSET.fullmatch(charset) is not None
        return _as(data, charset if known else "cp1252")


def _as(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, errors="replace")
    except LookupError:
        return data.decode("cp1252", errors="replace")


def _cues(lines: list[str], *, is_vtt: bool) -> Iterator[str]:
    """Numbers of cues, and what is said at no time, are left out."""
    times, said = "", list[str]()
    for line in lines:
        found = _TIMES.match(line)
        if found is not None:
            # Where no empty line stands between two cues, the number of the second was taken for speech.
            if times and said and said[-1].strip().isdigit() and not is_vtt:
                said.pop()
            if times and said:
                yield "\n".join((times, *said))
            times, said = _line_of(found, is_vtt=is_vtt), []
        elif not line.strip():
            if times and said:
                yield "\n".join((times, *said))
                times, said = "", []
        elif times:
            said.append(line if is_vtt else _shown(line))
    if times and said:
        yield "\n".join((times, *said))


def _line_of(found: re.Match[str], *, is_vtt: bool) -> str:
    parts = [part or "0" for part in found.groups()[:8]]
    settings = found[9] if is_vtt else ""
    return f"{_time(parts[:4])} --> {_time(parts[4:])}{settings}".rstrip()


def _time(parts: list[str]) -> str:
    hours, minutes, seconds, fraction = parts
    return f"{int(hours):02}:{int(minutes):02}:{int(seconds):02}.{fraction:0<3}"


def _shown(line: str) -> str:
    """Colours and places of SubRip go; what looks like a tag and is none is text."""
    return _LESS.sub("&lt;", _FONT.sub("", line)).replace("-->", "→")
