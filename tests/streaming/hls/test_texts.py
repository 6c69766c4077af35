"""Subtitles as a film's maker wrote them, who may mean harm."""

from __future__ import annotations

import time

from services.streaming.hls.texts import said_between

SAID = "WEBVTT\n\n00:01.000 --> 00:03.000\nFirst\nwords\n\n\n1\n01:00:09.000 --> 01:00:11.500\nLast words\n"


def test_what_is_said_then_is_told_and_nothing_else() -> None:
    assert said_between(SAID, 0, 60).endswith("\n\n00:01.000 --> 00:03.000\nFirst\nwords\n\n")
    assert said_between(SAID, 3600, 3610).endswith("\n\n01:00:09.000 --> 01:00:11.500\nLast words\n\n")
    assert "-->" not in said_between(SAID, 60, 3600)


def test_digits_without_end_are_gone_through_once() -> None:
    """As an hour's they would be tried from each of them on."""
    hour = f"{'1' * 5000}:00:01.000 --> 00:00:03.000"
    said = f"{SAID}\n{'1' * 40_000}\n\n{hour}\n\n00:05.000 --> 00:06.000\nMore\n"
    began = time.process_time()
    assert said_between(said, 0, 60).endswith("First\nwords\n\n00:05.000 --> 00:06.000\nMore\n\n")
    assert time.process_time() - began < 1


def test_times_within_what_is_said_begin_nothing() -> None:
    said = "00:01.000 --> 00:02.000\n" + "00:01.000 --> 00:02.000\n" * 10_000
    began = time.process_time()
    assert said_between(said, 0, 60).count("-->") == 10_001
    assert time.process_time() - began < 1
