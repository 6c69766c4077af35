"""The shared error tree keeps its promises to clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from libs.common import errors
from libs.common.errors import HeadgateError, NotFound, SettingsError, StartupRefused


def tree() -> Iterator[type[HeadgateError]]:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, HeadgateError):
            yield kind


def test_each_error_has_its_own_code() -> None:
    codes = [kind.code for kind in tree()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", list(tree()))
def test_the_drawn_tree_names_each_error_with_status_and_code(kind: type[HeadgateError]) -> None:
    assert errors.__doc__ is not None
    line = next(line for line in errors.__doc__.splitlines() if kind.__name__ in line.split())
    assert line.split()[-2:] == [str(kind.status), kind.code]


def test_without_a_detail_the_title_is_the_text() -> None:
    assert str(NotFound()) == "Not found"
    assert str(NotFound("No such addon.")) == "No such addon."


def test_a_wrong_setting_refuses_the_start() -> None:
    assert issubclass(SettingsError, StartupRefused)
