"""docs/settings.md lists what the services read, with the defaults they use: nothing else, nothing less."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from libs.common.settings import Env
from tests.fakes.settings import SECRET

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(?P<name>HEADGATE_[A-Z0-9_]+)` \| (?P<default>[^|]*) \| (?P<meaning>[^|]+) \|$")
MENTIONED = re.compile(r"\bHEADGATE_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)")


def documented() -> dict[str, str]:
    rows = (ROW.match(line) for line in (ROOT / "docs" / "settings.md").read_text().splitlines())
    return {row["name"]: row["default"].strip().strip("`") for row in rows if row is not None}


def read_by_services(tmp_path: Path) -> dict[str, str]:
    known = dict[str, str]()
    for path in sorted(ROOT.glob("services/*/settings.py")):
        env = Env({"HEADGATE_DATA_DIR": str(tmp_path), "HEADGATE_SECRET_KEY": SECRET})
        importlib.import_module(f"services.{path.parent.name}.settings").Settings.from_env(env)
        known.update(env.known)
    return known


def sources() -> Iterator[Path]:
    for folder in ("services", "libs"):
        yield from (ROOT / folder).rglob("*.py")


def test_each_setting_is_documented_with_its_default(tmp_path: Path) -> None:
    assert documented() == read_by_services(tmp_path)


def test_no_text_in_the_program_names_a_setting_that_does_not_exist() -> None:
    mentioned = {name for path in sources() for name in MENTIONED.findall(path.read_text())}
    assert mentioned <= set(documented())


def test_the_rows_are_in_order() -> None:
    lines = (ROOT / "docs" / "settings.md").read_text().split("\n## ")
    for section in lines:
        names = [row["name"] for line in section.splitlines() if (row := ROW.match(line))]
        assert names == sorted(names)


def test_services_that_share_a_setting_share_its_default(tmp_path: Path) -> None:
    seen = dict[str, str]()
    for path in sorted(ROOT.glob("services/*/settings.py")):
        env = Env({"HEADGATE_DATA_DIR": str(tmp_path), "HEADGATE_SECRET_KEY": SECRET})
        importlib.import_module(f"services.{path.parent.name}.settings").Settings.from_env(env)
        for name, default in env.known.items():
            assert seen.setdefault(name, default) == default, name
