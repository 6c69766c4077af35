"""What a schema can't say and only a running hub knows, told to the generator of requests before each call.

Values that point to something (an addon's address, the ids there are, a cursor) are replaced by ones that do;
everything else, and every value of a wrong type, goes out as it was generated. No check is switched off.
"""

from __future__ import annotations

import itertools
import json
import os
import urllib.request
from datetime import UTC, datetime
from typing import Any

import schemathesis

from tests.fakes.tmdb import API_KEY
from tests.sync.moving.files import exported

URL = os.environ["HEADGATE_TEST_URL"]
TOKEN = os.environ["HEADGATE_TEST_TOKEN"]
ADDON = os.environ["HEADGATE_TEST_ADDON"]
PANEL = os.environ["HEADGATE_TEST_PANEL"]
PASSWORD = "correct horse battery staple"
STREMIO_ACCOUNT = "anna@example.org"
"""Its address, and its password."""
STREMIO_FIELDS = {"email": (3, 320), "password": (1, 1000)}
LONGEST_WEBHOOK = 2000
A_TABLE = b"imdb_id,watched_at\ntt0017136,2024-05-17\n"
NUMBERS = itertools.count(1)
LIBRARY = "/api/v1/library"
LISTED = {
    f"{LIBRARY}/channels/{{id}}": "channels",
    f"{LIBRARY}/movies/{{id}}": "movies",
    f"{LIBRARY}/series/{{id}}": "series",
    f"{LIBRARY}/favourites/{{id}}": "channels",
    f"{LIBRARY}/matches/{{item_id}}": "movies",
}
"""Which list tells the ids that a path takes."""


def _ids() -> list[str]:
    return [addon["id"] for addon in _get("/api/v1/addons")["items"]]


def _rows() -> list[Any]:
    return [{name: row[name] for name in ("type", "id", "kind")} for row in _get("/api/v1/manifest")["rows"]]


def _item(kind: str) -> str | None:
    """The id of one that the caller's accounts have by now."""
    items = _get(f"{LIBRARY}/{kind}?limit=1")["items"]
    return items[0]["id"] if items else None


def _get(path: str) -> Any:
    request = urllib.request.Request(f"{URL}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def _names_rows(value: Any, *, at_most: int) -> bool:
    """Whether these are names of rows as the schema has them, though of none there is."""
    return (
        isinstance(value, list)
        and len(value) <= at_most
        and all(
            isinstance(row, dict)
            and row.get("kind", "catalog") in ("catalog", "addon_catalog")
            and isinstance(row.get("type"), str)
            and isinstance(row.get("id"), str)
            and len(row["type"]) <= 200
            and len(row["id"]) <= 500
            for row in value
        )
    )


def _pointing(name: str, value: Any) -> Any:
    """What stands for `value` in the field `name`."""
    if name == "ids" and isinstance(value, list) and TOKEN:
        return _ids()
    if not isinstance(value, str):
        return value
    if name == "at":
        return _now(value)
    if name == "webhook":
        return ADDON if len(value) <= LONGEST_WEBHOOK else value
    known = {
        "url": f"{ADDON}?{next(NUMBERS)}",
        "kind": "addons",
        "username": f"user-{os.getpid()}-{next(NUMBERS)}",
        "password": PASSWORD,
        "current_password": PASSWORD,
        "new_password": PASSWORD,
        "address": "203.0.113.7",
        "network": "203.0.113.0/24",
        "key": API_KEY,
        "client_id": "client-1",
        "client_secret": "secret-1",
        # Which characters can be seen is a table of Unicode's, too long for a schema.
        "name": "".join(char for char in value if char.isascii() and char.isprintable()).strip() or "A name",
    }
    return known.get(name, value)


def _now(moment: str) -> str:
    """What was played is told within a year."""
    try:
        said = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return moment if said.tzinfo is None else datetime.now(UTC).isoformat()


def _within(body: dict[str, Any]) -> dict[str, Any]:
    """A place in a film is not behind its end."""
    position_s: Any = body.get("position_s")
    duration_s: Any = body.get("duration_s")
    if type(position_s) not in (int, float) or not 0 < position_s <= 48 * 3600:
        return body
    if duration_s is None:
        # How long the session's film is was said before.
        return {**body, "position_s": 0}
    if type(duration_s) not in (int, float):
        return body
    if 0 < duration_s < position_s:
        return {**body, "position_s": duration_s}
    return body


def _at_provider(name: str, value: Any) -> Any:
    """The same of an account at a provider: there is one panel, and its list has any number of addresses."""
    playlist = f"{PANEL}/get.php?username=u1&password=p1&type=m3u_plus&n={next(NUMBERS)}"
    known = {"url": playlist, "username": "u1", "password": "p1", "guide_url": f"{PANEL}/xmltv.php"}
    return known[name] if isinstance(value, str) and name in known else _pointing(name, value)


def _at_stremio(name: str, value: Any) -> Any:
    """There is one account: who types what may be one gets in."""
    least, most = STREMIO_FIELDS.get(name, (1, 0))
    return STREMIO_ACCOUNT if isinstance(value, str) and least <= len(value) <= most else value


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]
) -> None:
    if case.path == "/api/v1/imports" and case.method == "POST":
        case.body = A_TABLE
    if case.path == "/api/v1/me/import" and case.method == "POST":
        case.body = exported({})
    if isinstance(case.body, dict):
        is_of_provider = "/xtream-accounts" in case.path or "/m3u-accounts" in case.path
        pointing = _at_provider if is_of_provider else _pointing
        if case.path == "/api/v1/connections/stremio" and case.method == "POST":
            pointing = _at_stremio
        case.body = _within({name: pointing(name, value) for name, value in case.body.items()})
        most = 500 if case.path.endswith("/order") else 16
        rows: Any = case.body.get("rows")
        if TOKEN and _names_rows(rows, at_most=most):
            case.body["rows"] = _rows()[: len(rows)]
    listed = LISTED.get(case.path)
    if TOKEN and listed is not None and next(NUMBERS) % 2 and (item := _item(listed)) is not None:
        case.path_parameters = dict.fromkeys(case.path_parameters, item)
    if isinstance(case.query, dict) and isinstance(case.query.get("cursor"), str):
        del case.query["cursor"]  # one that was never given out is refused, rightly
    if isinstance(case.query, dict) and {"from", "to"} <= case.query.keys():
        del case.query["to"]  # it has to follow the other, within a week
