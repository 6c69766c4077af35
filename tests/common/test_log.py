"""Log lines: one shape on stderr and in the file, and no secret in either."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from libs.common import log as logs
from libs.common.errors import StartupRefused
from libs.common.log import clean_text
from libs.common.trace import Trace, current_trace
from tests.fakes.settings import common_settings


def configure(tmp_path: Path, **variables: str) -> Path:
    path = tmp_path / "logs" / "headgate.log"
    defaults = {"HEADGATE_LOG_FILE": str(path), "HEADGATE_LOG_FORMAT": "json"}
    logs.configure(common_settings(tmp_path, **{**defaults, **variables}))
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_one_json_object_with_event_level_and_time(tmp_path: Path) -> None:
    path = configure(tmp_path)
    structlog.get_logger("services.auth").info("signed_in", account_id="acc_1", ms=3)
    (line,) = lines(path)
    assert (line["event"], line["level"], line["account_id"], line["ms"]) == (
        "signed_in",
        "info",
        "acc_1",
        3,
    )
    assert line["logger"] == "services.auth"
    assert line["timestamp"].endswith("Z")


def test_lines_are_counted_by_level(tmp_path: Path) -> None:
    configure(tmp_path)
    log = structlog.get_logger()
    log.info("one")
    log.warning("two")
    log.error("three")
    log.critical("four")
    assert logs.lines_by_level() == {("info",): 1, ("warning",): 1, ("error",): 2}


def test_nothing_is_counted_before_logging_is_set_up() -> None:
    assert logs.lines_by_level() == {}


def test_lines_below_the_level_are_not_written(tmp_path: Path) -> None:
    path = configure(tmp_path, HEADGATE_LOG_LEVEL="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(path)] == ["loud"]


def test_the_console_form_is_for_eyes_and_has_no_secret_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, HEADGATE_LOG_FORMAT="console")
    structlog.get_logger().info(
        "called", token="abc123", url="https://addon.example/cfg-hunter2/manifest.json"
    )
    shown = capsys.readouterr().err
    assert "called" in shown
    assert "https://addon.example" in shown
    assert "abc123" not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "key",
    ["password", "new_password", "token", "access_token", "secret", "Authorization", "cookie", "api_key"],
)
def test_values_under_telling_keys_are_hidden_at_any_depth(tmp_path: Path, key: str) -> None:
    path = configure(tmp_path)
    structlog.get_logger().info("called", **{key: "hunter2"}, inner={"list": [{key: "hunter2"}]})
    assert "hunter2" not in path.read_text()


def test_numbers_and_flags_under_telling_keys_stay(tmp_path: Path) -> None:
    path = configure(tmp_path)
    structlog.get_logger().info("called", token_age_s=5, has_password=True)
    assert lines(path)[0]["token_age_s"] == 5
    assert lines(path)[0]["has_password"] is True


def test_what_an_exception_says_is_cleaned(tmp_path: Path) -> None:
    path = configure(tmp_path)
    try:
        raise ValueError("http://user:hunter2@panel.example/live/user/hunter2/1.ts failed")
    except ValueError:
        structlog.get_logger().exception("call_failed")
        logging.getLogger("some.library").exception("foreign")
    text = path.read_text()
    assert "ValueError: http://panel.example failed" in text
    assert "hunter2" not in text
    assert all("Traceback" in line["exception"] for line in lines(path))


def test_lines_of_other_libraries_are_cleaned_and_shaped_alike(tmp_path: Path) -> None:
    path = configure(tmp_path)
    logging.getLogger("some.library").warning("GET %s", "https://h.example/hunter2")
    (line,) = lines(path)
    assert (line["event"], line["level"]) == ("GET https://h.example", "warning")


def test_a_line_names_the_request_it_was_written_for(tmp_path: Path) -> None:
    path = configure(tmp_path)
    former = current_trace.set(Trace("r1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    structlog.get_logger().info("called")
    current_trace.reset(former)
    (line,) = lines(path)
    assert (line["request_id"], line["trace_id"]) == ("r1", "4bf92f3577b34da6a3ce929d0e0e4736")


def test_clients_that_send_no_http_leave_no_traceback(tmp_path: Path) -> None:
    path = configure(tmp_path)
    for error in (BadHttpMessage("nonsense"), ConnectionResetError()):
        logging.getLogger("aiohttp.server").error("Error handling request", exc_info=error)
    logging.getLogger("aiohttp.server").error("Error handling request", exc_info=ValueError("ours"))
    assert len(lines(path)) == 1


def test_the_file_rotates_by_size_and_the_oldest_goes(tmp_path: Path) -> None:
    path = configure(tmp_path, HEADGATE_LOG_FILE_MAX_BYTES="4096")
    for number in range(400):
        structlog.get_logger().info("filling", number=number, text="x" * 100)
    files = sorted(path.parent.iterdir())
    assert len(files) == logs.KEPT_FILES + 1
    assert all(file.stat().st_size <= 4096 for file in files)
    assert lines(path)[-1]["number"] == 399


def test_a_log_file_that_can_not_be_written_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupRefused, match=r"log file .* can't be written .*HEADGATE_LOG_FILE"):
        configure(tmp_path, HEADGATE_LOG_FILE=str(tmp_path / "file" / "x.log"))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("redis://:hunter2@cache:6379/0", "redis://cache:6379"),
        ("stremio://addon.example/hunter2/manifest.json", "stremio://addon.example"),
        ("at https://a.example/x?key=1, then", "at https://a.example then"),
        ('say "https://a.example/x" twice', 'say "https://a.example" twice'),
        ("GET /stremio/AbCdEfGhIjKlMnOpQrSt/manifest.json", "GET /stremio/[hidden]/manifest.json"),
        ("/stremio/{token}/manifest.json", "/stremio/{token}/manifest.json"),
        ("Authorization: Bearer abc.def.ghi-jkl", "Authorization: Bearer [hidden]"),
        ("no secret here", "no secret here"),
    ],
)
def test_texts_are_cut_to_what_may_be_known(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_configuring_twice_does_not_write_twice(tmp_path: Path) -> None:
    configure(tmp_path)
    path = configure(tmp_path)
    structlog.get_logger().info("once")
    assert len(lines(path)) == 1
