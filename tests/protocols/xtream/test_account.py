"""The account's answer, and every way of refusing a login."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.protocols.xtream.account import Account, PanelClock, parse_account
from libs.protocols.xtream.answers import raise_for_status
from libs.protocols.xtream.errors import (
    AccountBanned,
    AccountDisabled,
    AccountExpired,
    AnswerUnreadable,
    Blocked,
    CredentialsRefused,
    CutShort,
    EmptyAnswer,
    LoginRefused,
    NotAPanel,
    PanelDown,
    TooManyRequests,
    XtreamError,
)

USER: dict[str, Any] = {
    "username": "user",
    "password": "pass",
    "message": "",
    "auth": 1,
    "status": "Active",
    "exp_date": "1550619710",
    "is_trial": "0",
    "active_cons": "0",
    "created_at": "1519083710",
    "max_connections": "2",
    "allowed_output_formats": ["m3u8", "ts", "rtmp"],
}
SERVER: dict[str, Any] = {
    "url": "panel.example",
    "port": "8080",
    "https_port": "",
    "server_protocol": "http",
    "rtmp_port": "25462",
    "timezone": "Europe/London",
    "timestamp_now": 1535230020,
    "time_now": "2018-08-25 21:47:00",
    "process": False,
}


def account(server: dict[str, Any] | None = None, **user: object) -> Account:
    answer = {"user_info": {**USER, **user}, "server_info": {**SERVER, **(server or {})}}
    return parse_account(json.dumps(answer).encode())


def test_an_account_as_usual() -> None:
    assert account() == Account(
        status="active",
        expires_at=1550619710,
        created_at=1519083710,
        active_connections=0,
        max_connections=2,
        formats=("m3u8", "ts", "rtmp"),
        clock=PanelClock(zone="Europe/London", offset_s=3600, now=1535230020),
    )


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("1767225600", 1767225600),
        (1767225600, 1767225600),
        (None, None),
        ("", None),
        ("0", None),
        ("never", None),
        (253402300799, 253402300799),
        ("1767225600000000", None),
    ],
)
def test_expiry_as_text_number_and_never(told: object, read: int | None) -> None:
    assert account(exp_date=told).expires_at == read


def test_numbers_are_numbers_or_text() -> None:
    row = account(active_cons=1, max_connections="3", is_trial=1, auth="1")
    assert (row.active_connections, row.max_connections, row.is_trial) == (1, 3, True)


def test_more_connections_than_ports_are_as_many_as_one_likes() -> None:
    assert account(max_connections="65535").max_connections == 65_535
    assert account(max_connections=2**31).max_connections is None


def test_a_bare_account_is_one() -> None:
    bare = parse_account(b'{"user_info":{"auth":1}}')
    assert bare == Account(status="")
    assert bare.clock.tzinfo is UTC


@pytest.mark.parametrize("formats", [None, "", "ts", {}])
def test_formats_that_are_no_list(formats: object) -> None:
    assert account(allowed_output_formats=formats).formats == ()


def test_tz_not_utc() -> None:
    summer = datetime(2018, 8, 25, 20, 47, tzinfo=UTC)
    assert summer.astimezone(account().clock.tzinfo).hour == 21


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", None, "../../etc/passwd", "/etc/passwd", "Europe", 5])
def test_an_unknown_zone_leaves_an_offset(zone: object) -> None:
    clock = account({"timezone": zone, "time_now": "2018-08-26 02:17:03"}).clock
    assert (clock.zone, clock.offset_s) == ("", 19800)
    assert datetime(2018, 8, 25, tzinfo=UTC).astimezone(clock.tzinfo).utcoffset() == timedelta(hours=5.5)


@pytest.mark.parametrize(
    ("now", "shown"),
    [(None, "2018-08-25 21:47:00"), (1535230020, "today"), (1535230020, "2019-08-25 21:47:00")],
)
def test_a_clock_that_makes_no_sense_is_left_alone(now: object, shown: str) -> None:
    clock = account({"timezone": "", "timestamp_now": now, "time_now": shown}).clock
    assert clock.offset_s is None
    assert clock.tzinfo is UTC


def test_a_php_warning_and_a_mark_before_the_account() -> None:
    body = json.dumps({"user_info": USER}).encode()
    warning = b"<br />\n<b>Deprecated</b>: each() in <b>/a.php</b> on line <b>[7]</b><br />\n"
    assert parse_account(warning + body).status == parse_account(b"\xef\xbb\xbf" + body).status == "active"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"user_info":{"auth":0}}', CredentialsRefused),
        (b'{"user_info":{"auth":"0"}}', CredentialsRefused),
        (b'{"user_info":{"auth":0,"status":"Expired","message":"Renew"}}', AccountExpired),
        (b'{"user_info":{"auth":1,"status":"Expired"}}', AccountExpired),
        (b'{"user_info":{"auth":0,"status":"Banned"}}', AccountBanned),
        (b'{"user_info":{"auth":0,"status":"DISABLED"}}', AccountDisabled),
        (b'{"user_info":{"auth":0,"status":"Active"}}', CredentialsRefused),
        (b'{"error":"Unauthorized"}', CredentialsRefused),
        (b'{"error":"Invalid login"}', CredentialsRefused),
        (b'{"error":"IP blocked"}', Blocked),
        (b'{"error":"Database is gone"}', NotAPanel),
        (b"Blocked", Blocked),
        (b"Access Denied", Blocked),
        (b"<html><body>Access Denied</body></html>", NotAPanel),
        (b"<!DOCTYPE html><title>Welcome to nginx!</title>", NotAPanel),
        (b"hello", NotAPanel),
        (b'{"hello":"world"}', NotAPanel),
        (b'{"user_info":[]}', NotAPanel),
        (b'{"user_info":null}', NotAPanel),
        (b'["a"]', NotAPanel),
        (b"[]", EmptyAnswer),
        (b"", EmptyAnswer),
        (b'{"user_info":{"auth":1,"sta', CutShort),
        (b'{"user_info":{"auth" 1}}', AnswerUnreadable),
    ],
)
def test_every_refusal_is_told_apart(body: bytes, error: type[XtreamError]) -> None:
    with pytest.raises(XtreamError) as refused:
        parse_account(body)
    assert type(refused.value) is error
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'{"error":"Unauthorized"}', CredentialsRefused),
        (401, b"", CredentialsRefused),
        (401, b'{"user_info":{"auth":0,"status":"Expired"}}', AccountExpired),
        (403, b"<html>Forbidden</html>", Blocked),
        (403, b"", Blocked),
        (403, b'{"error":"Invalid user agent"}', Blocked),
        (403, b'{"user_info":{"auth":0,"status":"Banned"}}', AccountBanned),
        (404, b'{"error":"Unauthorized"}', CredentialsRefused),
        (404, b'{"error":"Not Found"}', CredentialsRefused),
        (404, b"<html>Not Found</html>", NotAPanel),
        (404, b"", NotAPanel),
        (429, b"[]", TooManyRequests),
        (500, b"", PanelDown),
        (503, b"<html>", PanelDown),
        (405, b"", PanelDown),
    ],
)
def test_every_status_has_its_error(status: int, body: bytes, error: type[XtreamError]) -> None:
    with pytest.raises(XtreamError) as refused:
        raise_for_status(status, body, retry_after_s=7)
    assert type(refused.value) is error
    assert refused.value.retry_after_s == (7 if status in (429, 500, 503, 405) else None)


def test_a_refused_login_says_nothing_about_the_panels_health() -> None:
    for error in (CredentialsRefused(), AccountExpired(), AccountBanned(), AccountDisabled()):
        assert isinstance(error, LoginRefused)
        assert (error.is_failure, error.is_retryable) == (False, False)
    assert [PanelDown(status).is_failure for status in (405, 500)] == [False, True]


def test_reasons_are_few_and_each_its_own() -> None:
    def leaves(error: type[XtreamError]) -> list[type[XtreamError]]:
        return [error, *(leaf for child in error.__subclasses__() for leaf in leaves(child))]

    reasons = [error.reason for error in leaves(XtreamError)]
    assert len(set(reasons)) == len(reasons)
