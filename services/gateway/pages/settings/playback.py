"""Which sources a profile is shown, and which of them first."""

from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from libs.common.contracts.source_settings import (
    MAX_PATTERN_CHARS,
    MOST_KEYWORDS,
    MOST_PATTERNS,
    SourceSettings,
    SourceSettingsClient,
)
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import STREAMING
from services.gateway.pages.badges import CODECS, QUALITIES
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_choices, read_form
from services.gateway.pages.shell import SHELL

HERE: Final = "/settings/playback"
GIB: Final = 1024**3
LINES: Final = (2160, 1440, 1080, 720, 576, 480, 360)
LISTS: Final = ("include", "exclude", "prefer")
PATTERNS: Final = tuple(f"{name}_patterns" for name in LISTS)
SIZES: Final = ("max_film_bytes", "max_episode_bytes")
COUNTS: Final = ("per_resolution", "per_addon")
HDR: Final = (
    ("any", "All the same to me"),
    ("prefer", "HDR first"),
    ("avoid", "HDR last"),
    ("never", "Leave HDR out"),
)
ORDERS: Final = (("", "The best picture first"), ("addons", "In the order of my addons"))
BEST: Final = (("", "The most lines first"), *((str(lines), f"{lines}p first") for lines in LINES))


async def show_playback(request: web.Request, identity: Identity) -> web.Response:
    present = await _client(request).get(identity, deadline=deadline_of(request))
    return _page(request, _typed(present))


async def send_playback(request: web.Request, identity: Identity) -> web.Response:
    """What was typed and is wrong stays in its field."""
    form = await read_form(request)
    several = {name: sorted(read_choices(request, name)) for name in ("no_codecs", "no_qualities")}
    # Boxes that are not ticked are not sent.
    typed: dict[str, object] = {**dict.fromkeys(_typed(SourceSettings()), ""), **form, **several}
    client = _client(request)
    try:
        if form.get("do") == "defaults":
            wanted = SourceSettings()
        else:
            wanted = _wanted(form, typed, await client.get(identity, deadline=deadline_of(request)))
        await client.put(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return _page(request, typed, error=error)
    await account_changed(request, identity)
    return go(HERE, said="playback_saved")


def _client(request: web.Request) -> SourceSettingsClient:
    return SourceSettingsClient(request.app[STREAMING].service)


def _wanted(form: Form, typed: Mapping[str, object], present: SourceSettings) -> SourceSettings:
    """What the page does not show (more liked resolutions and codecs) stays as a program chose it."""
    values: dict[str, object] = {
        "resolutions": _liked(form.get("resolution", ""), present.resolutions),
        "codecs": present.codecs,
        "min_resolution": _number(form.get("min_resolution", "")),
        "max_resolution": _number(form.get("max_resolution", "")),
        "languages": [word.lower() for word in _words(form.get("languages", ""))],
        "only_languages": bool(form.get("only_languages")),
        "hdr": form.get("hdr") or "any",
        "addons_first": form.get("order") == "addons",
        "check_titles": bool(form.get("check_titles")),
        "no_codecs": typed["no_codecs"],
        "no_qualities": typed["no_qualities"],
        **{name: _lines(form.get(name, "")) for name in (*LISTS, *PATTERNS)},
        **{name: _bytes(form.get(name, "")) for name in SIZES},
        **{name: form.get(name, "").strip() or None for name in COUNTS},
    }
    return as_shape(values, SourceSettings)


def _liked(first: str, present: Sequence[int]) -> list[object]:
    number = _number(first)
    return [] if number is None else [number, *(lines for lines in present if str(lines) != first)]


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text or None


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _bytes(text: str) -> object:
    """Of gigabytes; what is no number is left to be refused."""
    text = text.strip().replace(",", ".")
    try:
        return round(float(text) * GIB) if text else None
    except (ValueError, OverflowError):
        return text


def _typed(settings: SourceSettings) -> dict[str, object]:
    return {
        "resolution": str(settings.resolutions[0]) if settings.resolutions else "",
        "min_resolution": str(settings.min_resolution or ""),
        "max_resolution": str(settings.max_resolution or ""),
        "languages": " ".join(settings.languages),
        "only_languages": settings.only_languages,
        "hdr": settings.hdr,
        "order": "addons" if settings.addons_first else "",
        "check_titles": settings.check_titles,
        "no_codecs": settings.no_codecs,
        "no_qualities": settings.no_qualities,
        **{name: "\n".join(getattr(settings, name)) for name in (*LISTS, *PATTERNS)},
        **{name: f"{size / GIB:g}" if (size := getattr(settings, name)) else "" for name in SIZES},
        **{name: str(getattr(settings, name) or "") for name in COUNTS},
    }


def _page(
    request: web.Request, typed: Mapping[str, object], *, error: HeadgateError | None = None
) -> web.Response:
    context = {
        "profile_name": request[SHELL].profile,
        "typed": typed,
        "best": BEST,
        "bounds": (("", "No limit"), *((str(lines), f"{lines}p") for lines in LINES)),
        "hdr": HDR,
        "orders": ORDERS,
        "codecs": tuple(CODECS.items()),
        "qualities": tuple(QUALITIES.items()),
        "most_keywords": MOST_KEYWORDS,
        "most_patterns": MOST_PATTERNS,
        "max_pattern": MAX_PATTERN_CHARS,
        "error": error,
    }
    return render_page(request, "settings/playback.html", context, status=error.status if error else 200)
