"""Whose a row of a file is: what it says of that itself counts for nothing."""

from __future__ import annotations

from libs.common.secrets import SecretBox, SecretKey
from services.sync.moving.form import FileRow
from services.sync.moving.told import moved_row, sealed_again
from tests.fakes.settings import SECRET

HERE = {"p1": "mine"}


def box() -> SecretBox:
    return SecretBox(SecretKey.from_text(SECRET))


def test_a_row_is_its_profiles_here_and_nobody_elses() -> None:
    row = FileRow(row={"account_id": "victim", "profile_id": "p1", "id": "l1"})
    moved = moved_row(box(), "i1", "links", row, HERE)
    assert moved is not None
    assert dict(moved.body) == {"profile_id": "mine", "id": "l1"}
    for other in ("mine", "victims", "", None):
        told = FileRow(row={**row.row, "profile_id": other})
        assert moved_row(box(), "i1", "links", told, HERE) is None


def test_a_secret_of_another_import_does_not_open() -> None:
    sealed = sealed_again(box(), "i1", "https://films.example")
    row = FileRow(row={"profile_id": "p1", "id": "l1"}, credentials="sealed", sealed=sealed)
    found = [moved_row(box(), import_id, "links", row, HERE) for import_id in ("i1", "i2")]
    assert [one and one.secret for one in found] == ["https://films.example", ""]
