"""The address of a moment in the past, in every way lists describe it."""

from __future__ import annotations

import datetime
import re
import urllib.parse
from collections.abc import Callable, Mapping

import msgspec

from libs.protocols.m3u.rows import Catchup

_START = ("utc", "start")
_END = ("utcend", "end")
_NOW = ("lutc", "now", "timestamp")
_LETTERS = frozenset("YmdHMS")

_SPECIFIER = re.compile(
    r"\$?\{(utcend|utc|start|end|lutc|now|timestamp|duration|offset|catchup-id|[YmdHMS])(?::([^{}]*))?\}"
    r"|\$(utcend|utc|start|end|lutc|now|timestamp|duration|offset)(?![A-Za-z])"
)
_LETTER = re.compile("[YmdHMS]")
_DIVIDER = re.compile(r"[0-9]{1,9}", re.ASCII)
_XC_FILE = re.compile(r"([^./]+)(?:\.(ts|m3u8?))?")


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be seen, in seconds of Unix time. `zone` is the provider's, in which days and hours are
    written; `catchup_id` is the programme's own, from the guide."""

    start_s: int
    duration_s: int
    now_s: int
    zone: datetime.tzinfo = datetime.UTC
    catchup_id: str = ""


def past_address(address: str, catchup: Catchup, moment: Moment) -> str | None:
    """None where the entry's address can't be turned into one of the past."""
    template = _TEMPLATES[catchup.mode](address, catchup.source)
    if template is None:
        return None
    shifted = msgspec.structs.replace(moment, start_s=moment.start_s - round(catchup.correction_h * 3600))
    if "{catchup-id}" in template and not moment.catchup_id:
        return None
    return _SPECIFIER.sub(lambda found: _filled(found, shifted), template)


def live_address(address: str, now_s: int, zone: datetime.tzinfo = datetime.UTC) -> str:
    """Some providers want to be told the time even for what is live."""
    moment = Moment(start_s=now_s, duration_s=0, now_s=now_s, zone=zone)
    return _SPECIFIER.sub(
        lambda found: _filled(found, moment) if (found[1] or found[3]) in _NOW else found[0], address
    )


def _filled(found: re.Match[str], moment: Moment) -> str:
    name, argument = found[1] or found[3], found[2]
    if name == "catchup-id":
        return moment.catchup_id
    if name in _LETTERS:
        return _written(moment.start_s, name, moment.zone)
    if name in {"duration", "offset"}:
        span_s = moment.duration_s if name == "duration" else moment.now_s - moment.start_s
        return _divided(max(0, span_s), argument, found[0])
    at_s = moment.start_s if name in _START else moment.now_s
    if name in _END:
        at_s = moment.start_s + moment.duration_s
    return str(at_s) if argument is None else _written(at_s, argument, moment.zone)


def _written(at_s: int, pattern: str, zone: datetime.tzinfo) -> str:
    at = datetime.datetime.fromtimestamp(at_s, zone)
    return _LETTER.sub(lambda found: at.strftime(f"%{found[0]}"), pattern)


def _divided(span_s: int, divider: str | None, as_written: str) -> str:
    if divider is None:
        return str(span_s)
    if _DIVIDER.fullmatch(divider) is None or int(divider) == 0:
        return as_written
    return str(span_s // int(divider))


def _default(address: str, source: str) -> str | None:
    return source or None


def _append(address: str, source: str) -> str | None:
    return address + source if source else None


def _shift(address: str, source: str) -> str | None:
    return f"{address}{'&' if '?' in address else '?'}utc={{utc}}&lutc={{lutc}}"


def _flussonic(address: str, source: str) -> str | None:
    return _flussonic_file(address, "timeshift_rel-{offset}.m3u8")


def _fs(address: str, source: str) -> str | None:
    return _flussonic_file(address, "timeshift_abs-{utc}.ts")


def _flussonic_file(address: str, otherwise: str) -> str | None:
    """`…/channel/mpegts`, `…/channel/index.m3u8` and `…/channel/mono.m3u8` say themselves which one it is."""
    parts = _web_parts(address)
    if parts is None:
        return None
    channel, slash, file = parts.path.rpartition("/")
    if not slash or not channel.strip("/"):
        return None
    if file == "mpegts":
        name = "timeshift_abs-{utc}.ts"
    elif file.endswith(".m3u8"):
        stem = file.removesuffix(".m3u8")
        name = ("" if stem in {"index", ""} else f"{stem}-") + "timeshift_rel-{offset}.m3u8"
    else:
        name = otherwise
    return parts._replace(path=f"{channel}/{name}").geturl()


def _xc(address: str, source: str) -> str | None:
    """`/live/user/password/id.ts` of a panel, wherever it stands, or `/user/password/id` at its root."""
    parts = _web_parts(address)
    if parts is None:
        return None
    *before, user, password, file = parts.path.split("/")[1:] if parts.path.count("/") >= 3 else [""] * 3
    found = _XC_FILE.fullmatch(file)
    if found is None or not user or not password or (before and before[-1] != "live"):
        return None
    root = "".join(f"/{one}" for one in before[:-1])
    day = "{Y}-{m}-{d}:{H}-{M}"
    path = f"{root}/timeshift/{user}/{password}/{{duration:60}}/{day}/{found[1]}.{found[2] or 'ts'}"
    return parts._replace(path=path).geturl()


def _vod(address: str, source: str) -> str | None:
    return source or "{catchup-id}"


def _web_parts(address: str) -> urllib.parse.SplitResult | None:
    try:
        parts = urllib.parse.urlsplit(address)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.netloc else None


_TEMPLATES: Mapping[str, Callable[[str, str], str | None]] = {
    "default": _default,
    "append": _append,
    "shift": _shift,
    "flussonic": _flussonic,
    "fs": _fs,
    "xc": _xc,
    "vod": _vod,
}
