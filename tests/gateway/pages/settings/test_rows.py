"""Rows on their page: order, names, search, several at once, several in one."""

from __future__ import annotations

from libs.common.contracts.rows import MAX_MERGED, RowExtra
from libs.common.errors import Conflict
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.inner import Inner, row

HERE = "/settings/rows"
FILMS = f"{HERE}/catalog/movie/demo.films"
CHANGE = f"{HERE}?change=catalog/movie/demo.films"


async def press(owner: Browser, action: str, *fields: tuple[str, str]) -> Page:
    """A button that names its own address, in the form of the whole page."""
    assert owner.page is not None
    token = next(value for name, value in owner.page.forms[f"{HERE}/chosen/merge"] if name == "csrf_token")
    return await owner.send(action, [("csrf_token", token), *fields])


def three(inner: Inner) -> None:
    inner.rows += [row("b", "Second", "Attic"), row("c", "Third", "Attic")]


def order(inner: Inner) -> list[str]:
    return [item.id for item in inner.rows]


async def test_rows_stand_in_order_with_what_they_take(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("tight", "Tight", "Demo", state="left_out"))
    page = await owner.open(HERE)
    assert "of 8,192 bytes used" in page.words
    assert "Left out: no room" in page.words
    assert "1 row cut short" in page.words
    assert page.words.index("Silent and early") < page.words.index("Tight")


async def test_a_row_moves_up_and_down_past_what_is_shown(owner: Browser, inner: Inner) -> None:
    three(inner)
    inner.rows.insert(1, row("part", "Part", "Attic", state="merged", part_of="c"))
    await owner.open(HERE)
    page = await press(owner, f"{FILMS}/down")
    assert (page.path, "Moved." in page.words) == (HERE, True)
    assert order(inner) == ["part", "b", "demo.films", "c"]
    await press(owner, f"{FILMS}/up")
    assert [name for name in order(inner) if name != "part"] == ["demo.films", "b", "c"]


async def test_a_row_at_an_end_stays_there(owner: Browser, inner: Inner) -> None:
    three(inner)
    await owner.open(HERE)
    await press(owner, f"{FILMS}/up")
    await press(owner, f"{HERE}/catalog/movie/c/down")
    assert order(inner) == ["demo.films", "b", "c"]


async def test_only_what_was_changed_is_sent(owner: Browser, inner: Inner) -> None:
    three(inner)
    assert f"{CHANGE}#row-catalog/movie/demo.films" in (await owner.open(HERE)).links
    await owner.open(CHANGE)
    page = await owner.submit(f"{FILMS}/save")
    assert "Nothing was changed" in page.words
    assert not any(call.startswith("PATCH") for call in inner.asked)
    await owner.open(CHANGE)
    page = await owner.submit(f"{FILMS}/save", name="Tonight", place="3")
    assert "Saved." in page.words
    assert (order(inner), inner.rows[2].name) == (["b", "c", "demo.films"], "Tonight")


async def test_search_is_switched_where_there_is_something_to_switch(owner: Browser, inner: Inner) -> None:
    only = (RowExtra(name="search", required=True),)
    inner.rows = [
        row("asked", "Asked", "Demo", searchable=True, can_search=True),
        row("find", "Find", "Demo", searchable=True, can_search=True, on_board=False, extras=only),
    ]
    assert 'name="searchable"' not in (await owner.open(f"{HERE}?change=catalog/movie/find")).html
    page = await owner.open(f"{HERE}?change=catalog/movie/asked")
    action = f"{HERE}/catalog/movie/asked/save"
    fields = [pair for pair in page.forms[action] if pair[0] != "searchable"]
    await owner.send(action, fields)
    assert [item.searchable for item in inner.rows] == [False, True]


async def test_a_row_is_hidden_and_shown(owner: Browser, inner: Inner) -> None:
    await owner.open(HERE)
    page = await press(owner, f"{FILMS}/hide")
    assert "Hidden" in page.words
    assert not inner.rows[0].included
    await press(owner, f"{FILMS}/show")
    assert inner.rows[0].included


async def test_several_are_hidden_at_once(owner: Browser, inner: Inner) -> None:
    three(inner)
    await owner.open(HERE)
    chosen = [("row", "catalog/movie/demo.films"), ("row", "catalog/movie/c")]
    page = await press(owner, f"{HERE}/chosen/hide", *chosen)
    assert "Saved for all of them." in page.words
    assert [item.included for item in inner.rows] == [False, True, False]


async def test_several_become_one_in_the_order_of_the_page(owner: Browser, inner: Inner) -> None:
    three(inner)
    await owner.open(HERE)
    chosen = [("row", "catalog/movie/c"), ("row", "catalog/movie/b")]
    fields = (*chosen, ("name", "Both"), ("mode", "by_date"))
    page = await press(owner, f"{HERE}/chosen/merge", *fields)
    assert "They are one row now" in page.words
    assert "2 rows in one newest first" in page.words
    merged = inner.rows[0]
    assert ([name.id for name in merged.rows], merged.name) == (["b", "c"], "Both")
    page = await press(owner, f"{HERE}/catalog/movie/m.new/apart")
    assert "Taken apart." in page.words
    assert order(inner) == ["demo.films", "b", "c"]


async def test_what_can_not_be_merged_comes_back_as_it_was_chosen(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("shows", "Shows", "Attic", type="series"))
    await owner.open(HERE)
    chosen = [("row", "catalog/movie/demo.films"), ("row", "catalog/series/shows")]
    page = await press(owner, f"{HERE}/chosen/merge", *chosen, ("name", "Odd"), ("mode", "by_date"))
    assert page.status == 422
    assert "Only rows of one type can be one row." in page.words
    assert page.html.count(" checked") == 2
    assert 'value="Odd"' in page.html
    assert '<option value="by_date" selected>' in page.html


async def test_what_is_missing_is_said_before_anything_is_asked(owner: Browser, inner: Inner) -> None:
    three(inner)
    await owner.open(HERE)
    one = [("row", "catalog/movie/b")]
    two = [*one, ("row", "catalog/movie/c")]
    many = [("row", f"catalog/movie/{n}") for n in range(MAX_MERGED + 1)]
    named = [("name", "Both"), ("mode", "by_date")]
    for fields, words in (
        (named, "Tick the rows first"),
        ([*one, *named], "Tick 2 to 16 rows"),
        ([*many, *named], "Tick 2 to 16 rows"),
        ([*two, ("mode", "by_date")], "Give the new row a name."),
        ([*two, ("name", "x" * 101)], "at most 100 characters"),
        ([*two, ("name", "Both"), ("mode", "by_luck")], "Choose from the list"),
    ):
        page = await press(owner, f"{HERE}/chosen/merge", *fields)
        assert (page.status, words in page.words) == (422, True), words
    assert not any(call.startswith("POST /api/v1/catalogs") for call in inner.asked)


async def test_a_place_that_is_none_stands_beside_its_row(owner: Browser, inner: Inner) -> None:
    await owner.open(CHANGE)
    page = await owner.submit(f"{FILMS}/save", place="first")
    assert f"{FILMS}/save" in page.forms
    assert page.status == 422
    assert "A place is a whole number" in page.words


async def test_addon_lists_are_rows_of_their_own_kind(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("demo.films", "More addons", "Demo", kind="addon_catalog"))
    page = await owner.open(HERE)
    assert "Lists of addons" in page.words
    await press(owner, f"{HERE}/addon_catalog/movie/demo.films/hide")
    assert [item.included for item in inner.rows] == [True, False]


async def test_strange_ids_are_named_whole(owner: Browser, inner: Inner) -> None:
    inner.rows = [row("a.x/y z?&ü%2F", "Odd", "Demo", type="my type/1"), row("b", "Plain", "Demo")]
    strange = f"{HERE}/catalog/my%20type%2F1/a.x%2Fy%20z%3F%26%C3%BC%252F"
    page = await owner.open(HERE)
    assert f'formaction="{strange}/hide"' in page.html
    await owner.open(next(link for link in page.links if "?change=" in link))
    assert owner.page is not None
    assert strange + "/save" in owner.page.forms
    await press(owner, f"{HERE}/chosen/hide", ("row", strange.removeprefix(f"{HERE}/")))
    assert [item.included for item in inner.rows] == [False, True]


async def test_the_order_of_the_addons_comes_back(owner: Browser, inner: Inner) -> None:
    inner.rows = [row("b", "Second", "Attic"), row("a", "First", "Attic")]
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/order-of-addons")
    assert "Rows stand in the order of your addons again." in page.words
    assert order(inner) == ["a", "b"]


async def test_a_row_that_is_gone_is_said_to_be(owner: Browser, inner: Inner) -> None:
    three(inner)
    await owner.open(HERE)
    inner.rows.pop()
    for change in ("up", "hide"):
        page = await press(owner, f"{HERE}/catalog/movie/c/{change}")
        assert page.status == 404
    for unknown in (f"{FILMS}/explode", f"{HERE}/shelf/movie/b/hide", f"{HERE}/chosen/explode"):
        assert (await press(owner, unknown, ("row", "nonsense"))).status == 404
        await owner.open(HERE)


async def test_a_change_that_was_overtaken_is_said(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/catalogs/demo.films"] = Conflict("Your list was changed at the same time.")
    await owner.open(HERE)
    page = await press(owner, f"{FILMS}/hide")
    assert page.status == 409
    assert "Your list was changed at the same time." in page.words


async def test_a_form_of_another_page_changes_nothing(owner: Browser, inner: Inner) -> None:
    page = await owner.send(f"{FILMS}/hide", [("csrf_token", "forged")])
    assert page.status == 403
    assert inner.rows[0].included


async def test_without_rows_the_page_says_where_they_come_from(owner: Browser, inner: Inner) -> None:
    inner.rows = []
    page = await owner.open(HERE)
    assert "No rows yet" in page.words
    assert page.links.count("/sources") >= 2
