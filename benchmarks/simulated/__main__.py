"""`make load URL=http://…`: users come for a while, and a report is left in build/load."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

# Before `requests`: Locust replaces the standard library's blocking calls when it is imported.
from locust import User, events
from locust.env import Environment

from benchmarks.simulated.accounts import Refused, sign_in
from benchmarks.simulated.record import ALL, Record
from benchmarks.simulated.report import Run, write
from benchmarks.simulated.users import TARGET, Person, Player

BUILD = Path(__file__).parents[2] / "build" / "load"
USAGE = """Who the users are is said by the environment: LOAD_USERNAME and LOAD_PASSWORD of an account, or
LOAD_ADDON, the address of its addon, for players alone."""


def kinds(url: str) -> list[type[User]]:
    """The users there can be with what the environment says; signs in once for all of them."""
    TARGET.addon = os.environ.get("LOAD_ADDON", "")
    username, password = os.environ.get("LOAD_USERNAME", ""), os.environ.get("LOAD_PASSWORD", "")
    if username and password:
        TARGET.token, addon = sign_in(url, username, password)
        TARGET.addon = TARGET.addon or addon
    found: list[type[User]] = [Player] if TARGET.addon else []
    if TARGET.token:
        found.append(Person)
    if not found:
        raise Refused(USAGE)
    return found


def simulate(run: Run) -> Record:
    """Users come within a third of the time, at most ten seconds, and stay to the end."""
    record, started = Record(), perf_counter()

    def note(name: str, response_time: float, exception: object, **_others: Any) -> None:
        record.note(name, int(perf_counter() - started), response_time, str(exception or ""))

    environment = Environment(user_classes=kinds(run.url), host=run.url, events=events)
    environment.events.request.add_listener(note)  # type: ignore[no-untyped-call]  # Locust says no types here
    runner = environment.create_local_runner()
    runner.start(run.users, spawn_rate=max(1.0, run.users / min(10.0, run.duration_s / 3)))
    runner.greenlet.join(timeout=run.duration_s)
    runner.quit()
    return record


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make load", epilog=USAGE)
    parser.add_argument("url")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--duration", type=int, default=60, help="in seconds")
    parser.add_argument("--into", type=Path, default=BUILD)
    asked = parser.parse_args(arguments)
    run = Run(url=asked.url.rstrip("/"), users=asked.users, duration_s=asked.duration)
    try:
        record = simulate(run)
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write(asked.into, run, record)
    whole = record.by_name()[ALL]
    print(
        f"{whole.count} answers, p50 {whole.percentile(0.5)} ms, p99 {whole.percentile(0.99)} ms, "
        f"{whole.refused} refused, {whole.failed} failed; see {asked.into / 'report.html'}"
    )
    return 0 if whole.count and not whole.failed else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
