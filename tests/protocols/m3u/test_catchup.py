"""The past of a channel, in every way lists describe it."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest

from libs.protocols.m3u.catchup import Moment, live_address, past_address
from libs.protocols.m3u.rows import Catchup, CatchupMode
from tests.protocols.m3u.lists import one

START_S = int(datetime.datetime(2024, 3, 5, 7, 8, 9, tzinfo=datetime.UTC).timestamp())
HOUR_LATER_S = START_S + 3600
NOW_S = START_S + 86_400
MOMENT = Moment(start_s=START_S, duration_s=3600, now_s=NOW_S)


def past(mode: CatchupMode, address: str, source: str = "", moment: Moment = MOMENT) -> str | None:
    return past_address(address, Catchup(mode=mode, source=source), moment)


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        *((name, str(START_S)) for name in ("{utc}", "${utc}", "{start}", "${start}", "$utc", "$start")),
        *(
            (name, str(HOUR_LATER_S))
            for name in ("{utcend}", "${utcend}", "{end}", "${end}", "$end", "$utcend")
        ),
        *((name, str(NOW_S)) for name in ("{lutc}", "${lutc}", "{now}", "${now}", "${timestamp}", "$now")),
        ("{Y}-{m}-{d}:{H}-{M}-{S}", "2024-03-05:07-08-09"),
        ("${Y}${m}${d}", "20240305"),
        ("{duration}", "3600"),
        ("${duration}", "3600"),
        ("{duration:60}", "60"),
        ("{duration:7200}", "0"),
        ("{offset}", "86400"),
        ("{offset:1}", "86400"),
        ("${offset:60}", "1440"),
        ("{utc:YmdHMS}", "20240305070809"),
        ("{utc:Y-m-d_H:M}", "2024-03-05_07:08"),
        ("${start:Ymd-H-M}", "20240305-07-08"),
        ("${end:YmdHMS}", "20240305080809"),
        ("{lutc:Ymd}", "20240306"),
        ("${now:Ymd}", "20240306"),
        ("{utc}/{utc}", f"{START_S}/{START_S}"),
        ("{catchup-id}", "id/7?a=b"),
        ("{duration:0}", "{duration:0}"),
        ("{duration:1.5}", "{duration:1.5}"),
        ("{unknown}", "{unknown}"),
        ("$endurance", "$endurance"),
        ("{}", "{}"),
        ("%7Butc%7D", "%7Butc%7D"),
    ],
)
def test_every_specifier_is_filled_in(written: str, filled: str) -> None:
    source = f"http://tv.example/a?t={written}&b"
    moment = Moment(start_s=START_S, duration_s=3600, now_s=NOW_S, catchup_id="id/7?a=b")
    assert past("default", "http://tv.example/1", source, moment) == f"http://tv.example/a?t={filled}&b"


def test_days_and_hours_are_written_in_the_providers_zone() -> None:
    zone = zoneinfo.ZoneInfo("Asia/Kolkata")
    moment = Moment(start_s=START_S, duration_s=3600, now_s=NOW_S, zone=zone)
    assert past("append", "http://x/1", "?t={Y}{m}{d}{H}{M}&u={utc}", moment) == (
        f"http://x/1?t=202403051238&u={START_S}"
    )


@pytest.mark.parametrize("correction_h", [-4.0, 2.5])
def test_a_correction_moves_the_start_and_not_the_present(correction_h: float) -> None:
    catchup = Catchup(mode="append", source="?u={utc}&e={utcend}&l={lutc}", correction_h=correction_h)
    start_s = START_S - round(correction_h * 3600)
    assert (
        past_address("http://x/1", catchup, MOMENT) == f"http://x/1?u={start_s}&e={start_s + 3600}&l={NOW_S}"
    )


def test_an_offset_of_the_future_is_none() -> None:
    moment = Moment(start_s=NOW_S + 60, duration_s=60, now_s=NOW_S)
    assert past("append", "http://x/1", "?o={offset:1}", moment) == "http://x/1?o=0"


def test_append_stands_behind_the_address() -> None:
    assert past("append", "http://x/1.ts?a=1", "&u={utc}") == f"http://x/1.ts?a=1&u={START_S}"


@pytest.mark.parametrize("mode", ["default", "append"])
def test_without_a_source_there_is_no_past(mode: CatchupMode) -> None:
    assert past(mode, "http://x/1") is None


@pytest.mark.parametrize(("address", "sign"), [("http://x/1.m3u8", "?"), ("http://x/1.m3u8?token=1", "&")])
def test_shift_adds_both_times_to_the_query(address: str, sign: str) -> None:
    assert past("shift", address) == f"{address}{sign}utc={START_S}&lutc={NOW_S}"


@pytest.mark.parametrize(
    ("mode", "address", "expected"),
    [
        ("fs", "http://x/151/mpegts?token=t", f"http://x/151/timeshift_abs-{START_S}.ts?token=t"),
        ("flussonic", "http://x/151/mpegts", f"http://x/151/timeshift_abs-{START_S}.ts"),
        (
            "flussonic",
            "http://x:88/325/index.m3u8?token=t",
            "http://x:88/325/timeshift_rel-86400.m3u8?token=t",
        ),
        ("fs", "http://x/a/b/mono.m3u8", "http://x/a/b/mono-timeshift_rel-86400.m3u8"),
        ("flussonic", "http://x/325/live?token=t", "http://x/325/timeshift_rel-86400.m3u8?token=t"),
        ("fs", "http://x/325/live?token=t", f"http://x/325/timeshift_abs-{START_S}.ts?token=t"),
        ("fs", "http://x/325", None),
        ("flussonic", "udp://@239.0.0.1:1234", None),
        ("flussonic", "http://[x/1/mpegts", None),
    ],
)
def test_flussonic_is_built_from_the_address(mode: CatchupMode, address: str, expected: str | None) -> None:
    assert past(mode, address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://x:8080/u@m.xc/p/1477", "http://x:8080/timeshift/u@m.xc/p/60/2024-03-05:07-08/1477.ts"),
        ("http://x/live/u/p/1477.m3u8", "http://x/timeshift/u/p/60/2024-03-05:07-08/1477.m3u8"),
        ("http://x/live/u/p/1477.ts?a=1", "http://x/timeshift/u/p/60/2024-03-05:07-08/1477.ts?a=1"),
        ("http://x/panel/live/u/p/1477", "http://x/panel/timeshift/u/p/60/2024-03-05:07-08/1477.ts"),
        ("http://x/movie/u/p/1477.mkv", None),
        ("http://x/a/u/p/1477", None),
        ("http://x/u/p/", None),
        ("http://x//p/1", None),
        ("http://x/p/1", None),
        ("rtmp://x/u/p/1", None),
    ],
)
def test_xc_is_built_from_the_address_of_a_panel(address: str, expected: str | None) -> None:
    assert past("xc", address) == expected


def test_vod_takes_the_programmes_own_id() -> None:
    moment = Moment(start_s=START_S, duration_s=1, now_s=NOW_S, catchup_id="plugin://p/?id=1")
    assert past("vod", "plugin://p/live", "", moment) == "plugin://p/?id=1"
    assert past("vod", "http://x/1", "http://x/v/{catchup-id}?u={utc}", moment) == (
        f"http://x/v/plugin://p/?id=1?u={START_S}"
    )


def test_a_programme_without_the_id_that_is_asked_for_has_no_past() -> None:
    assert past("vod", "plugin://p/live") is None
    assert past("default", "http://x/1", "http://x/${catchup-id}") is None


def test_an_address_of_what_is_live_may_ask_for_the_time() -> None:
    assert live_address("http://x/1?l={lutc}&n=${now:Ymd}&u={utc}&t=${timestamp}", NOW_S) == (
        f"http://x/1?l={NOW_S}&n=20240306&u={{utc}}&t={NOW_S}"
    )
    assert live_address("http://x/1", NOW_S) == "http://x/1"


def test_what_a_list_says_leads_to_the_past() -> None:
    entry = one(
        '#EXTINF:0 catchup="append" catchup-source="&cutv={Y}-{m}-{d}T{H}:{M}:{S}|User-Agent=A",C',
        "http://x/c.ts?a=1|Referer=http://r/",
    )
    assert entry.catchup is not None
    assert past_address(entry.address, entry.catchup, MOMENT) == "http://x/c.ts?a=1&cutv=2024-03-05T07:08:09"
