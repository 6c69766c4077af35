"""Names as releases write them, and what they say."""

from __future__ import annotations

import time

import pytest

from services.streaming.ranking.names import read_name


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        (
            "The.French.Dispatch.2021.1080p.BluRay.x264.DTS-HD.MA.5.1-FGT.mkv",
            {
                "title_words": ("the", "french", "dispatch"),
                "year": 2021,
                "resolution": 1080,
                "quality": "bluray",
                "codec": "h264",
                "audio": ("dts-hd",),
                "channels": "5.1",
                "languages": (),
                "group": "FGT",
                "container": "mkv",
            },
        ),
        (
            "Dune Part Two 2024 UHD Blu-ray Remux 2160p DV HDR10+ HEVC TrueHD 7.1 Atmos-FraMeSToR",
            {
                "resolution": 2160,
                "quality": "remux",
                "codec": "hevc",
                "hdr": ("dv", "hdr10+"),
                "audio": ("atmos", "truehd"),
                "channels": "7.1",
                "group": "FraMeSToR",
            },
        ),
        (
            "Severance.S02E03.MULTi.2160p.ATVP.WEB-DL.DDP5.1.HDR.H.265-FLUX",
            {
                "seasons": (2,),
                "episodes": (3,),
                "quality": "web-dl",
                "codec": "hevc",
                "audio": ("eac3",),
                "channels": "5.1",
                "hdr": ("hdr",),
                "languages": ("multi",),
            },
        ),
        ("Dumb.And.Dumber.FRENCH.BRRip.XviD-LKT", {"languages": ("fr",), "codec": "mpeg4"}),
        ("The.Italian.Job.2003.720p.WEBRip.x264", {"languages": (), "quality": "webrip"}),
        ("Dark.S01.GERMAN.720p.WEB.x264", {"seasons": (1,), "episodes": (), "languages": ("de",)}),
        ("Movie.2020.1080p.WEB-DL.ENG.SUB.ITA.AC3", {"languages": ("it",)}),
        ("Futurama.COMPLETE.S01-S07.720p.BluRay.x265", {"seasons": (1, 2, 3, 4, 5, 6, 7)}),
        ("Show.Name.S01E01E02.720p.HDTV", {"episodes": (1, 2)}),
        ("Show.Name.S01E01-E03.720p.HDTV", {"episodes": (1, 2, 3)}),
        ("Show Name 1x05 HDTV", {"seasons": (1,), "episodes": (5,)}),
        ("Show - Temporada 1 [HDTV][Cap.102][Castellano]", {"seasons": (1,), "episodes": (2,)}),
        ("[SubsPlease] One Piece - 1111 (480p) [2E05E658].mkv", {"absolute": 1111, "group": "SubsPlease"}),
        ("Film.2019.1080p.HDTS.x264", {"quality": "telesync"}),
        ("Cam.2018.1080p.NF.WEB-DL.x264", {"quality": "web-dl", "title_words": ("cam",)}),
        ("Blade.Runner.2049.2017.EXTENDED.1080p", {"year": 2017, "edition": "Extended"}),
        ("2001.A.Space.Odyssey.1968.1080p", {"year": 1968}),
        ("Old.Film.1951.1920x800.x264", {"resolution": 1080}),
        ("Anything", {"title_words": ("anything",), "resolution": None, "group": None}),
        ("", {"words": ()}),
    ],
)
def test_what_a_name_says(name: str, facts: dict[str, object]) -> None:
    release = read_name(name)
    assert {field: getattr(release, field) for field in facts} == facts


@pytest.mark.parametrize(
    "hostile",
    [
        "s01e01" * 1000,
        "s1" + "e1-" * 1000,
        "1x1" * 1000,
        "[" * 1000,
        "-" * 1000,
        "season 1 " * 500,
        " - 11" * 500,
    ],
)
def test_hostile_name_takes_no_time(hostile: str) -> None:
    began = time.process_time()
    read_name(hostile)
    assert time.process_time() - began < 0.05
