"""What sources took to begin decides among equals."""

from __future__ import annotations

from services.streaming.ranking.reasons import reasons
from services.streaming.starts_model import StartTimes, source_of
from tests.streaming.ranking.making import addon, link, offered, rank

HD = "Film.2020.1080p.WEB-DL.DDP5.1.H.264-GRP.mkv"
UHD = "Film.2020.2160p.WEB-DL.DDP5.1.HEVC-GRP.mkv"
SLOW, FAST = "https://slow.example/film", "https://fast.example/film"
LATELY = StartTimes({source_of("one", SLOW): 6000, source_of("two", FAST): 900})


def test_of_equals_the_one_that_takes_long_to_begin_stands_behind_and_says_so() -> None:
    lists = (
        offered(addon("one"), link(HD, 1, url=SLOW)),
        offered(addon("two", score=70), link(HD, 2, url=FAST)),
    )
    assert [entry.offer.addon.id for entry in rank(*lists).entries] == ["one", "two"]
    ranked = rank(*lists, starts=LATELY)
    assert [entry.offer.addon.id for entry in ranked.entries] == ["two", "one"]
    first, second = (reasons(entry, ranked, 2) for entry in ranked.entries)
    assert second[0] == "took 6 s to begin lately, so behind its equals"
    assert not any("lately" in reason for reason in first)


def test_of_those_who_offer_a_file_the_one_that_begins_sooner_is_tried_first() -> None:
    lists = (
        offered(addon("one"), link(HD, 1, url=SLOW)),
        offered(addon("two"), link(HD, 1, url=FAST)),
    )
    (entry,) = rank(*lists, starts=LATELY).entries
    assert (entry.offer.addon.id, [other.addon.id for other in entry.others]) == ("two", ["one"])


def test_what_differs_otherwise_is_not_decided_by_it_and_nothing_is_said() -> None:
    lists = offered(addon("one"), link(UHD, 1, url=SLOW)), offered(addon("two"), link(HD, 2, url=FAST))
    ranked = rank(*lists, starts=LATELY)
    assert [entry.facts.resolution for entry in ranked.entries] == [2160, 1080]
    assert not any("lately" in reason for entry in ranked.entries for reason in reasons(entry, ranked, 2))
