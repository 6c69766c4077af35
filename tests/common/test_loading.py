"""Imports without looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from libs.common.loading import loading


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_garbage_is_not_looked_for_while_modules_load() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_it_is_looked_for_again_after_a_module_that_can_not_be_loaded() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
