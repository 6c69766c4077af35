"""Which rows a profile shows, in which order, under which names, and which are one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import msgspec
from aiohttp import web

from libs.common.contracts.rows import (
    MAX_MERGED,
    MAX_ROW_NAME_CHARS,
    MergeMode,
    NewMergedRow,
    RowName,
    RowPatch,
)
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import CATALOG
from services.gateway.pages.buttons import Button, button_of
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, read_choices, read_form
from services.gateway.pages.settings.shown_rows import (
    budget_bar,
    is_tight,
    place_of,
    position_of,
    row_key,
    row_named,
    row_of_key,
    shown_rows,
    squeezed,
)

HERE: Final = "/settings/rows"
CHOSEN: Final = "chosen"
MODE_WORDS: Final[Mapping[MergeMode, str]] = {
    "interleaved": "In turns, one of each",
    "sequential": "One row after the other",
    "by_rating": "Best rated first",
    "by_date": "Newest first",
}


async def show_rows(request: web.Request, identity: Identity) -> web.Response:
    """Only the row that is to be changed has its form, since each would be half of the page."""
    return await _page(request, identity, changing=request.query.get("change", ""))


async def send_change(request: web.Request, identity: Identity) -> web.Response:
    """One button of one row."""
    form = await read_form(request)
    button = button_of(request, BUTTONS)
    part = request.match_info
    name = row_named(part["kind"], part["type"], part["row_id"])
    try:
        said = await button(request, identity, name, form)
    except HeadgateError as error:
        key = row_key(name)
        changing = key if part["change"] == "save" else ""
        return await _page(request, identity, changing=changing, error=error, error_at=key)
    finally:
        await account_changed(request, identity)
    return go(HERE, said=said)


async def send_chosen(request: web.Request, identity: Identity) -> web.Response:
    """One button for all rows whose box is ticked."""
    form = await read_form(request)
    button = button_of(request, FOR_CHOSEN)
    keys = read_choices(request, "row")
    try:
        if not keys:
            raise InvalidInput("Tick the rows first that this is about.")
        # In the order of the page, which becomes that of the titles where one row follows the other.
        report = await request.app[CATALOG].manifest_report(identity, deadline=deadline_of(request))
        ordered = [key for row in report.rows if (key := row_key(row)) in keys]
        names = tuple(row_of_key(key) for key in (*ordered, *sorted(keys - set(ordered))))
        said = await button(request, identity, names, form)
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at=CHOSEN, form=form, ticked=keys)
    finally:
        await account_changed(request, identity)
    return go(HERE, said=said)


async def send_order_of_addons(request: web.Request, identity: Identity) -> web.Response:
    """Every row back to where its addon puts it."""
    await read_form(request)
    try:
        await request.app[CATALOG].order_rows(identity, (), deadline=deadline_of(request))
    finally:
        await account_changed(request, identity)
    return go(HERE, said="rows_disarranged")


async def _patch(request: web.Request, identity: Identity, name: RowName, patch: RowPatch) -> None:
    await request.app[CATALOG].change_row(identity, name, patch, deadline=deadline_of(request))


async def _move(request: web.Request, identity: Identity, name: RowName, _form: Form, *, step: int) -> str:
    report = await request.app[CATALOG].manifest_report(identity, deadline=deadline_of(request))
    position = position_of(report, name, place_of(report, name) + step)
    await _patch(request, identity, name, RowPatch(position=position))
    return "row_moved"


async def _include(
    request: web.Request, identity: Identity, name: RowName, _form: Form, *, included: bool
) -> str:
    await _patch(request, identity, name, RowPatch(included=included))
    return "row_shown" if included else "row_hidden"


async def _save(request: web.Request, identity: Identity, name: RowName, form: Form) -> str:
    """Sends what differs from what the form showed, so that a change made meanwhile elsewhere stays."""
    patch = RowPatch()
    if _differs(form, "name"):
        patch = RowPatch(name=_short(form["name"].strip()))
    if _differs(form, "mode"):
        patch = _with(patch, mode=_mode(form["mode"]))
    if "was_searchable" in form and (form["was_searchable"] == "yes") != ("searchable" in form):
        patch = _with(patch, searchable="searchable" in form)
    if _differs(form, "place"):
        report = await request.app[CATALOG].manifest_report(identity, deadline=deadline_of(request))
        patch = _with(patch, position=position_of(report, name, _whole(form["place"])))
    if patch == RowPatch():
        return "rows_same"
    await _patch(request, identity, name, patch)
    return "row_saved"


async def _take_apart(request: web.Request, identity: Identity, name: RowName, _form: Form) -> str:
    await request.app[CATALOG].remove_row(identity, name, deadline=deadline_of(request))
    return "row_apart"


async def _merge(request: web.Request, identity: Identity, names: tuple[RowName, ...], form: Form) -> str:
    wanted = _short(form.get("name", "").strip())
    if not 2 <= len(names) <= MAX_MERGED:
        raise InvalidInput(f"Tick 2 to {MAX_MERGED} rows to make one of.")
    if not wanted:
        raise InvalidInput("Give the new row a name.", fields={"name": "Give the new row a name."})
    new = NewMergedRow(name=wanted, rows=names, mode=_mode(form.get("mode", "")))
    await request.app[CATALOG].merge_rows(identity, new, deadline=deadline_of(request))
    return "rows_merged"


async def _include_all(
    request: web.Request, identity: Identity, names: tuple[RowName, ...], _form: Form, *, included: bool
) -> str:
    for name in names:
        await _patch(request, identity, name, RowPatch(included=included))
    return "rows_saved"


BUTTONS: Mapping[str, Button[RowName]] = {
    "up": partial(_move, step=-1),
    "down": partial(_move, step=1),
    "show": partial(_include, included=True),
    "hide": partial(_include, included=False),
    "save": _save,
    "apart": _take_apart,
}
FOR_CHOSEN: Mapping[str, Button[tuple[RowName, ...]]] = {
    "show": partial(_include_all, included=True),
    "hide": partial(_include_all, included=False),
    "merge": _merge,
}


def _with(patch: RowPatch, **members: object) -> RowPatch:
    return msgspec.structs.replace(patch, **members)


def _differs(form: Form, field: str) -> bool:
    return field in form and form[field] != form.get(f"was_{field}")


def _short(name: str) -> str:
    if len(name) > MAX_ROW_NAME_CHARS:
        raise InvalidInput(f"A name has at most {MAX_ROW_NAME_CHARS} characters.")
    return name


def _mode(text: str) -> MergeMode:
    for mode in MODE_WORDS:
        if text == mode:
            return mode
    raise InvalidInput("Choose from the list how the titles are mixed.")


def _whole(text: str) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InvalidInput("A place is a whole number: 1 is the first row.")
    return int(text)


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    changing: str = "",
    error: HeadgateError | None = None,
    error_at: str = "",
    form: Form | None = None,
    ticked: frozenset[str] = frozenset(),
) -> web.Response:
    report = await request.app[CATALOG].manifest_report(identity, deadline=deadline_of(request))
    rows = shown_rows(report)
    known = {each.key for each in (*rows.titles, *rows.addons)} | {CHOSEN}
    context = {
        "report": report,
        "rows": rows,
        "bar": budget_bar(report),
        "tight": is_tight(report),
        "squeezed": squeezed(report),
        "modes": tuple(MODE_WORDS.items()),
        "mode_words": MODE_WORDS,
        "max_name": MAX_ROW_NAME_CHARS,
        "ticked": ticked,
        "changing": changing,
        "form": form or {},
        "error": error,
        "error_at": error_at if error_at in known else "page",
    }
    return render_page(request, "settings/rows.html", context, status=error.status if error else 200)
