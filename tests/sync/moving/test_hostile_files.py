"""Files that no hub exported so: a sentence each, and nothing of them counts."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from typing import Any

import msgspec
import pytest

from services.sync.moving.reading import Begun, Ended, Line, Rows, read
from services.sync.moving.sealing import CannotOpen, Means, Opener, Seal
from tests.sync.moving.files import exported

LINK = b'{"row":{"profile_id":"p1","id":"l1"},"credentials":"left_out"}\n'


def said(file: bytes) -> list[Line]:
    sink = io.BytesIO()
    read(io.BytesIO(file), sink)
    return [msgspec.json.decode(line, type=Line) for line in sink.getvalue().splitlines()]


def without_manifest() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("links.ndjson", LINK)
    return file.getvalue()


def with_larger_directory(entries: int) -> bytes:
    """Where the end says one entry, and what stands before it that there are so many."""
    directory = b"".join(
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, *(0,) * 8, 4, *(0,) * 6) + b"%04d" % number
        for number in range(entries)
    )
    size = len(directory)
    larger = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 46, 0, 0)
    return directory + larger + locator + end


def member(**other: Any) -> list[dict[str, Any]]:
    told = {
        "name": "links.ndjson",
        "rows": 1,
        "size_bytes": len(LINK),
        "sha256": hashlib.sha256(LINK).hexdigest(),
    }
    return [{**told, **other}]


def test_what_was_exported_is_read_kind_by_kind_in_the_order_of_taking() -> None:
    begun, *rows, ended = said(exported({"links.ndjson": LINK * 3, "addons.ndjson": LINK}))

    assert isinstance(begun, Begun)
    assert [(one.kind, len(one.rows)) for one in rows if isinstance(one, Rows)] == [
        ("addons", 1),
        ("links", 3),
    ]
    assert ended == Ended()


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (b"", "damaged"),
        (b"not a zip", "damaged"),
        (exported({"links.ndjson": LINK})[:-30], "damaged"),
        (without_manifest(), "no file that Headgate exported"),
        (exported({}, headgate_export=2), "form 2"),
        (exported({}, headgate_export="x"), "no file that Headgate exported"),
        (exported({}, members="x"), "no file that Headgate exported"),
        (exported({"../links.ndjson": LINK}), "no export has"),
        (exported({"secrets.ndjson": LINK}), "no export has"),
        (exported({}, more={"../../etc/passwd": b"x"}), "not what its manifest says"),
        (exported({}, members=member()), "not what its manifest says"),
        (exported({"links.ndjson": LINK}, members=member(sha256="0" * 64)), "a part of it is damaged"),
        (exported({"links.ndjson": LINK}, members=member(rows=2)), "a part of it is damaged"),
        (exported({"links.ndjson": LINK * 2}, members=member()), "a part of it is damaged"),
        (exported({"links.ndjson": b"[" * 100_000}), "a part of it is damaged"),
        (exported({"links.ndjson": b" " * 20_000_000}), "far too large"),
        (exported({}, credentials="sealed"), "a part of it is damaged"),
        (exported({}, profiles=[{"id": str(n), "name": "x"} for n in range(21)]), "a part of it is damaged"),
        (exported({}, profiles=[{"id": "p1", "name": "\uff21da"}]), "a part of it is damaged"),
        (exported({}, profiles=[{"id": "p1", "name": "x" * 1000}]), "no file that Headgate exported"),
        (with_larger_directory(20), "more than 1,000 files"),
    ],
)
def test_one_that_is_no_use_says_why(file: bytes, problem: str) -> None:
    last = said(file)[-1]

    assert isinstance(last, Ended)
    assert problem in last.problem


def test_a_secret_opens_with_its_passphrase_in_its_member_alone() -> None:
    seal = Seal("carried across the river")
    sealed = seal.sealed("https://films.example", member="links.ndjson")

    opener = Opener(seal.means, "carried across the river")

    assert opener.opened(sealed, member="links.ndjson") == "https://films.example"
    for text, where in ((sealed, "addons.ndjson"), ("!", "links.ndjson"), ("", "links.ndjson")):
        with pytest.raises(CannotOpen):
            opener.opened(text, member=where)
    with pytest.raises(CannotOpen):
        Opener(seal.means, "not that one at all").opened(sealed, member="links.ndjson")


@pytest.mark.parametrize(
    "means", [{"n": 2**30}, {"n": 3}, {"r": 1024}, {"p": 9}, {"salt": "!"}, {"key": "x"}]
)
def test_a_file_does_not_choose_how_dear_its_passphrase_is(means: dict[str, Any]) -> None:
    with pytest.raises(CannotOpen):
        Opener(msgspec.structs.replace(Means(salt="AAAA"), **means), "carried across the river")
