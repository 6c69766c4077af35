"""How a profile's players are shown IMDb's ratings: of what, where, and how it will look."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from libs.common.contracts.ratings import (
    MAX_TEMPLATE_CHARS,
    RatingSettings,
    RatingSettingsClient,
    with_rating,
)
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import CATALOG
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_choices, read_form
from services.gateway.pages.shell import SHELL, is_admin

HERE: Final = "/settings/ratings"
KEPT: Final = "kept"
SEPARATORS: Final[Mapping[str, tuple[str, str]]] = {
    "dot": (" · ", "A dot ·"),
    "dash": (" – ", "A dash –"),
    "bar": (" | ", "A bar |"),
    "space": (" ", "A space"),
    "line": ("\n", "A line break"),
}
"""By the word that the form sends: browsers change line breaks and trim nothing else."""
WHAT: Final = (
    ("rows", "Rows", "Searches too."),
    ("titles", "Titles", "On the page of a film or a series."),
    ("episodes", "Episodes", "Each its own, in the list of a series."),
)
WHERE: Final = (
    ("description", "Descriptions", "For players that show a rating nowhere else."),
    (
        "name",
        "Names",
        "Seen everywhere, but players also search, sort and remember titles by name: better leave it off.",
    ),
)
SAMPLE: Final = ("The General", "An engineer follows his stolen locomotive behind enemy lines.", 8.1, 97_412)


async def show_ratings(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity, await _present(request, identity))


async def send_ratings(request: web.Request, identity: Identity) -> web.Response:
    """Save what was chosen, or only show how it would look."""
    form = await read_form(request)
    chosen = read_choices(request, "what")
    present = await _present(request, identity)
    try:
        wanted = _wanted(form, chosen, present)
        if form.get("do") == "preview":
            return await _page(request, identity, wanted)
        client = RatingSettingsClient(request.app[CATALOG].service)
        await client.put(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, present, error=error, form=form, chosen=chosen)
    await account_changed(request, identity)
    return go(HERE, said="ratings_saved")


async def _present(request: web.Request, identity: Identity) -> RatingSettings:
    client = RatingSettingsClient(request.app[CATALOG].service)
    return await client.get(identity, deadline=deadline_of(request))


def _wanted(form: Form, chosen: frozenset[str], present: RatingSettings) -> RatingSettings:
    values = {
        **{name: name in chosen for name, _, _ in (*WHAT, *WHERE)},
        "template": form.get("template", ""),
        "place": form.get("place", ""),
        "separator": present.separator,
        "minimum_votes": form.get("minimum_votes", "").strip() or 0,
    }
    if form.get("separator") in SEPARATORS:
        values["separator"] = SEPARATORS[form["separator"]][0]
    return as_shape(values, RatingSettings)


async def _page(
    request: web.Request,
    identity: Identity,
    settings: RatingSettings,
    *,
    error: HeadgateError | None = None,
    form: Form | None = None,
    chosen: frozenset[str] | None = None,
) -> web.Response:
    """What was typed and is wrong stays in its field; the preview shows the last that was right."""
    if chosen is None:
        chosen = frozenset(name for name, _, _ in (*WHAT, *WHERE) if getattr(settings, name))
    typed = form or {"template": settings.template, "minimum_votes": str(settings.minimum_votes or "")}
    context = {
        "profile_name": request[SHELL].profile,
        "is_admin": is_admin(identity),
        "what": WHAT,
        "where": WHERE,
        "chosen": chosen,
        "typed": typed,
        "place": typed.get("place", settings.place),
        "separator": typed.get("separator") or _word(settings.separator),
        "separators": _separators(settings.separator),
        "max_template": MAX_TEMPLATE_CHARS,
        "sample": _sample(settings),
        "error": error,
    }
    return render_page(request, "settings/ratings.html", context, status=error.status if error else 200)


def _sample(settings: RatingSettings) -> Mapping[str, str]:
    name, description, rating, votes = SAMPLE
    return {
        "name": with_rating(name, rating, votes, settings) if settings.name else name,
        "description": with_rating(description, rating, votes, settings)
        if settings.description
        else description,
        "rating": f"{rating:.1f}" if settings.rows or settings.titles else "",
    }


def _word(separator: str) -> str:
    return next((word for word, (text, _) in SEPARATORS.items() if text == separator), KEPT)


def _separators(present: str) -> list[tuple[str, str]]:
    """Those to choose from; one that a program chose is among them."""
    own = [(KEPT, f"Yours: “{present}”")] if _word(present) == KEPT else []
    return [*own, *((word, label) for word, (_, label) in SEPARATORS.items())]
