"""Programmes of one channel."""

from __future__ import annotations

import base64
import json
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from libs.protocols.xtream.errors import AnswerUnreadable, CredentialsRefused, NotAPanel, XtreamError
from libs.protocols.xtream.guide import Listing, Programme, parse_listings

ZONE = ZoneInfo("America/New_York")


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ROW: dict[str, Any] = {
    "id": "99",
    "epg_id": "5",
    "title": packed("News at ten"),
    "lang": "en",
    "start": "2026-01-01 22:00:00",
    "end": "2026-01-01 22:30:00",
    "description": packed("What happened – today."),
    "channel_id": "NewsOne.uk",
    "start_timestamp": "1767322800",
    "stop_timestamp": "1767324600",
    "now_playing": 1,
    "has_archive": 0,
}


def read(answer: object) -> Listing:
    return parse_listings(json.dumps(answer).encode(), ZONE)


def programme(**changes: object) -> Programme:
    (found,) = read({"epg_listings": [{**ROW, **changes}]}).programmes
    return found


def without(*names: str) -> Programme:
    (found,) = read([{key: value for key, value in ROW.items() if key not in names}]).programmes
    return found


def test_a_programme_as_usual() -> None:
    assert programme() == Programme(
        start=1767322800,
        end=1767324600,
        title="News at ten",
        description="What happened – today.",
        language="en",
        guide_id="NewsOne.uk",
        is_on=True,
    )


@pytest.mark.parametrize("text", ["a", "ab", "abc", "abcd", "Größe ÿ?>", "", "Up"])
def test_base64_with_and_without_padding_in_either_alphabet(text: str) -> None:
    standard = packed(text)
    url_safe = base64.urlsafe_b64encode(text.encode()).decode()
    for form in (standard, url_safe, standard.rstrip("="), url_safe.rstrip("=")):
        assert programme(title=form).title == text


def test_both_alphabets_are_met() -> None:
    assert {"+", "/"} & set(packed("ÿ?>~~~"))


@pytest.mark.parametrize("plain", ["News", "Up", "It's 8 o'clock", "a-b_c", "Größe"])
def test_a_title_that_is_no_base64_stays_as_it_is(plain: str) -> None:
    assert programme(title=plain).title == plain


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_no_title(nothing: object) -> None:
    assert programme(title=nothing, description=nothing).title == ""


def test_timestamps_as_numbers() -> None:
    found = programme(start_timestamp=1767322800, stop_timestamp=1767324600)
    assert (found.start, found.end) == (1767322800, 1767324600)


def test_timestamps_go_before_texts() -> None:
    found = programme(start="2001-01-01 00:00:00", end="2001-01-01 00:00:00")
    assert (found.start, found.end) == (1767322800, 1767324600)


def test_texts_are_in_the_panels_zone() -> None:
    found = without("start_timestamp", "stop_timestamp")
    assert (found.start, found.end) == (1767322800, 1767322800 + 1800)
    shown = json.dumps([{"start": "2026-01-01 22:00:00"}]).encode()
    assert parse_listings(shown, UTC).programmes[0].start == 1767304800


def test_an_end_as_a_number_and_its_text_in_stop() -> None:
    row = {**ROW, "end": 1767324600, "stop": "2026-01-01 22:30:00"}
    del row["stop_timestamp"]
    assert read([row]).programmes[0].end == 1767324600


@pytest.mark.parametrize("end", [None, "", "soon", 0, 1767322800, 5])
def test_an_end_that_makes_no_sense_is_not_told(end: object) -> None:
    found = programme(stop_timestamp=end, end=None)
    assert found.end is None


def test_a_row_without_a_start_is_left_out_and_counted() -> None:
    listing = read([{"title": packed("A")}, ROW, None, {"start": "soon"}])
    assert (len(listing.programmes), listing.skipped) == (1, 3)


@pytest.mark.parametrize("answer", [{"epg_listings": []}, {"epg_listings": None}, {"epg_listings": {}}, []])
def test_no_guide(answer: object) -> None:
    assert read(answer) == Listing()


@pytest.mark.parametrize("flag", [1, "1", True])
def test_flags(flag: object) -> None:
    assert programme(has_archive=flag).has_archive


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"user_info": {"auth": 0}}, CredentialsRefused),
        ({"hello": 1}, AnswerUnreadable),
        ({"epg_listings": "none"}, AnswerUnreadable),
        ("text", NotAPanel),
    ],
)
def test_what_comes_instead_of_a_guide(answer: object, error: type[XtreamError]) -> None:
    with pytest.raises(XtreamError) as failed:
        read(answer)
    assert type(failed.value) is error
