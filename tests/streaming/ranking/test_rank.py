"""Which source comes first, which are one, and which are left out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from services.streaming.ranking.binge import binge_group, with_binge_group
from services.streaming.ranking.bounded import MOST_SOURCES
from services.streaming.ranking.places import Player
from services.streaming.ranking.question import Question, ask
from services.streaming.ranking.reasons import reasons
from tests.streaming.ranking.making import EPISODE, addon, link, names, offered, rank, torrent

GIB = 1024**3
UHD = "Film.2020.2160p.WEB-DL.DDP5.1.HEVC-GRP.mkv"
HD = "Film.2020.1080p.WEB-DL.DDP5.1.H.264-GRP.mkv"
CAM = "Film.2020.2160p.HDCAM.x264-GRP.mkv"


def of(*files: str, **settings: Any) -> list[str]:
    """The resolutions (and kinds) of one addon's files, as they are ranked."""
    ranked = rank(offered(addon(), *(link(file) for file in files)), **settings)
    return [f"{entry.facts.resolution} {entry.facts.quality}" for entry in ranked.entries]


def test_of_a_fresh_profile_the_best_picture_comes_first_and_copies_from_cinemas_last() -> None:
    assert of(CAM, HD, UHD) == ["2160 web-dl", "1080 web-dl", "2160 cam"]


def test_what_hardly_any_line_carries_stands_behind_what_it_does() -> None:
    ranked = rank(offered(addon(), link(UHD, 90 * GIB), link(HD, 8 * GIB)))
    assert [entry.facts.resolution for entry in ranked.entries] == [1080, 2160]
    assert reasons(ranked.entries[1], ranked, 1)[0] == "about 117 Mbit a second, more than most lines carry"


def test_player_is_given_what_it_can_show_and_its_line_carries() -> None:
    lists = offered(addon(), link(UHD, 20 * GIB), link(HD, 8 * GIB), link("Film.2020.720p.x264.mkv", GIB))
    assert rank(lists, player=Player(codecs=frozenset({"h264"}))).entries[0].facts.resolution == 1080
    assert rank(lists, player=Player(max_height=720)).entries[0].facts.resolution == 720
    assert rank(lists, player=Player(bandwidth_bps=5_000_000)).entries[0].facts.resolution == 720


def test_failing_addon_sinks_below_a_healthy_one() -> None:
    lists = offered(addon("bad", score=50), link(UHD)), offered(addon("good", score=95), link(HD))
    ranked = rank(*lists)
    assert [entry.offer.addon.id for entry in ranked.entries] == ["good", "bad"]
    assert "bad has been failing (50 of 100)" in reasons(ranked.entries[1], ranked, 2)


def test_operators_bound_says_what_sinks() -> None:
    lists = [offered(addon("one", score=70, poor_below=bound), link(UHD)) for bound in (60, 80)]
    assert [rank(each).entries[0].place.failing for each in lists] == [0, 1]


def test_file_of_ones_own_comes_first_among_equals() -> None:
    lists = offered(addon("far"), link(HD, 3)), offered(addon("folder", is_own=True), link(HD, 4))
    assert [entry.offer.addon.id for entry in rank(*lists).entries] == ["folder", "far"]


def test_what_has_to_be_fetched_or_nobody_shares_stands_behind_what_starts() -> None:
    waits = link(UHD, name="[RD download] Store")
    ranked = rank(offered(addon(), waits, torrent(UHD, seeders=0), link(HD)))
    assert ranked.entries[0].facts.resolution == 1080


def test_same_file_is_one_entry_with_the_best_offer_first_and_the_others_behind() -> None:
    lists = (
        offered(addon("bad", score=20), link(HD, 5)),
        offered(addon("good"), link(HD, 5, url="https://x.example/1")),
    )
    ranked = rank(*lists)
    (entry,) = ranked.entries
    assert (entry.offer.addon.id, [other.addon.id for other in entry.others]) == ("good", ["bad"])
    assert "also offered by bad" in reasons(entry, ranked, 2)


def test_order_of_addons_can_be_kept() -> None:
    lists = offered(addon("first"), link(HD)), offered(addon("second"), link(UHD))
    assert [entry.offer.addon.id for entry in rank(*lists, addons_first=True).entries] == ["first", "second"]


def test_liked_resolutions_come_in_their_order() -> None:
    low = "Film.2020.720p.WEB-DL.mkv"
    assert of(UHD, HD, low, resolutions=(720, 1080)) == ["720 web-dl", "1080 web-dl", "2160 web-dl"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"max_resolution": 1080}, "2160p is more than you want"),
        ({"no_codecs": ("hevc",)}, "you want nothing in hevc"),
        ({"no_qualities": ("web-dl",)}, "you want nothing of the kind web-dl"),
        ({"exclude": ("ddp5",)}, "“ddp5” is in it"),
        ({"exclude_patterns": (r"\bhevc\b",)}, r"“\bhevc\b” is in it"),
        ({"include": ("nowhere",)}, "nothing that you look for is in it"),
        ({"max_film_bytes": GIB}, "2.0 GB is more than you want"),
    ],
)
def test_what_is_not_wanted_is_left_out_with_the_reason(settings: dict[str, Any], reason: str) -> None:
    ranked = rank(offered(addon(), link(UHD, 2 * GIB)), **settings)
    assert (ranked.entries, [each.reason for each in ranked.dropped]) == ((), [reason])


def test_what_a_source_does_not_say_is_not_held_against_it() -> None:
    nothing = {"name": "Film", "url": "https://cdn.example/1"}
    settings: dict[str, Any] = {
        "min_resolution": 1080,
        "max_film_bytes": 1,
        "only_languages": True,
        "languages": ("en",),
    }
    assert len(rank(offered(addon(), nothing), **settings).entries) == 1


def test_language_that_is_wanted_comes_first_and_others_can_be_left_out() -> None:
    lists = offered(
        addon(), link("Film.2020.2160p.GERMAN.WEB-DL.mkv"), link("Film.2020.1080p.FRENCH.WEB-DL.mkv")
    )
    assert rank(lists, languages=("fr",)).entries[0].facts.languages == ("fr",)
    assert [each.reason for each in rank(lists, languages=("fr",), only_languages=True).dropped] == [
        "only in de"
    ]


def test_limits_keep_the_best_of_a_resolution_and_of_an_addon() -> None:
    files = [f"Film.2020.{lines}p.WEB-DL-{group}.mkv" for lines in (2160, 1080) for group in ("A", "B")]
    ranked = rank(offered(addon(), *map(link, files)), per_resolution=1)
    assert [entry.facts.resolution for entry in ranked.entries] == [2160, 1080]
    assert ranked.dropped[0].reason == "there are 1 in 2160p before it"
    assert len(rank(offered(addon(), *map(link, files)), per_addon=3).entries) == 3


@pytest.mark.parametrize(
    ("file", "question", "reason"),
    [
        ("Show.S02E04.1080p.mkv", EPISODE, "another part: season 2, episode 4"),
        ("Show.S01.1080p.mkv", EPISODE, "another part: season 1"),
        ("Show.S02E03.1080p.mkv", ask("movie", "tt1"), "an episode of a series: season 2, episode 3"),
        (
            "Total.Recall.1990.1080p.mkv",
            ask("movie", "tt1", ("Total Recall",), 2012),
            "a film of 1990, this one is of 2012",
        ),
        ("[Group] Show - 07 [1080p].mkv", ask("series", "tt1:1:6"), "another part: number 7"),
    ],
)
def test_another_title_or_part_is_left_out_with_the_reason(
    file: str, question: Question, reason: str
) -> None:
    ranked = rank(offered(addon(), link(file)), question=question)
    assert [each.reason for each in ranked.dropped] == [reason]


@pytest.mark.parametrize(
    ("file", "question"),
    [
        ("Show.S02.1080p.mkv", EPISODE),
        ("Show.S01-S03.1080p.mkv", EPISODE),
        ("Show.S02E01-E04.1080p.mkv", EPISODE),
        ("Show.1080p.mkv", EPISODE),
        ("One.Piece.S01E1056.1080p.mkv", ask("series", "tt1:21:164")),
        ("[Group] Show - 28 [1080p].mkv", ask("series", "tt1:2:3")),
        ("[Group] Show - 28 [1080p].mkv", ask("anime", "kitsu:12:3")),
        ("Wonder.Woman.1984.2020.1080p.mkv", ask("movie", "tt1", ("Wonder Woman 1984",), 2020)),
        ("Film.2020.1080p.mkv", ask("movie", "tt1", ("Film",), 2021)),
    ],
)
def test_pack_range_or_count_through_all_seasons_is_not_wrong(file: str, question: Question) -> None:
    assert len(rank(offered(addon(), link(file)), question=question).entries) == 1


def test_other_name_is_left_out_unless_most_sources_have_others() -> None:
    question = ask("series", "tt1:2:3", ("Severance",))
    right = [link(f"Severance.S02E03.{lines}p.WEB-DL-GRP.mkv") for lines in (2160, 1080, 720)]
    wrong = link("Gardening.Hour.S02E03.1080p.WEB-DL-GRP.mkv")
    ranked = rank(offered(addon(), *right, wrong), question=question)
    assert [each.reason for each in ranked.dropped] == ["called “gardening hour”"]
    assert len(rank(offered(addon(), wrong), question=question).entries) == 1
    assert len(rank(offered(addon(), *right, wrong), question=question, check_titles=False).entries) == 4


def test_same_answers_are_ranked_the_same() -> None:
    lists = [offered(addon(name), *map(link, (HD, UHD, CAM))) for name in ("a", "b", "c")]
    assert names(rank(*lists)) == names(rank(*lists))


def test_of_endless_lists_so_many_are_looked_at_and_short_ones_whole() -> None:
    endless = [
        {"name": "Film", "url": f"https://cdn.example/{number}"} for number in range(MOST_SOURCES // 2)
    ]
    short = [{"name": "Film", "url": f"https://other.example/{number}"} for number in range(5)]
    ranked = rank(
        offered(addon("one"), *endless),
        offered(addon("two"), *endless[::-1]),
        offered(addon("three"), *short),
    )
    counts = Counter(offer.addon.id for entry in ranked.entries for offer in (entry.offer, *entry.others))
    assert counts == {"one": 997, "two": 997, "three": 5}
    assert [(each.addon.id, each.name) for each in ranked.dropped] == [
        ("one", "3 more"),
        ("two", "3 more"),
    ]


def test_binge_group_names_the_quality_and_no_file() -> None:
    first, second = (
        rank(
            offered(addon(), link(f"Show.S02E03.{title}.1080p.WEB-DL.x264-{group}.mkv")), question=EPISODE
        ).entries[0]
        for title, group in (("One", "A"), ("Two", "B"))
    )
    assert binge_group(first.facts) == binge_group(second.facts) == "headgate|1080p|web-dl|h264||"
    assert b'"bingeGroup":"headgate|1080p|web-dl|h264||"' in with_binge_group(first)
