"""A service's migrations as files: `services/X/migrations/versions/NNNN_name.py`, numbered without a gap.

Read by name alone, so that a start with nothing to migrate loads neither Alembic nor SQLAlchemy.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from libs.common.errors import StartupRefused

_FILE = re.compile(r"(?P<revision>\d{4})_[a-z0-9_]+\.py")


@dataclass(frozen=True, slots=True)
class History:
    """`revisions` in order, "0001" first; `service` also names the PostgreSQL schema."""

    service: str
    folder: Path
    revisions: tuple[str, ...]

    @classmethod
    def of(cls, service: str) -> History:
        """The history of a service of this program; one without migrations has an empty one."""
        return cls.at(_services_folder() / service / "migrations", service)

    @classmethod
    def at(cls, folder: Path, service: str) -> History:
        names = sorted(path.name for path in (folder / "versions").glob("[0-9]*.py"))
        revisions = []
        for number, name in enumerate(names, start=1):
            match = _FILE.fullmatch(name)
            if match is None or int(match["revision"]) != number:
                raise ValueError(f"{service}: the migration {name!r} should be number {number:04}")
            revisions.append(match["revision"])
        return cls(service, folder, tuple(revisions))

    @property
    def head(self) -> str | None:
        return self.revisions[-1] if self.revisions else None

    @property
    def version_table(self) -> str:
        return f"{self.service}_version"

    def before(self, revision: str | None) -> str | None:
        """The revision one step below, None below the first."""
        position = self.position(revision)
        return self.revisions[position - 2] if position >= 2 else None

    def about(self, revision: str) -> str:
        """What the migration says it brings: the first line of its file."""
        (path,) = (self.folder / "versions").glob(f"{revision}_*.py")
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
        return docstring.partition("\n")[0]

    def position(self, revision: str | None) -> int:
        """How many migrations lead to `revision`; refuses one that this program doesn't know."""
        if revision is None:
            return 0
        if revision not in self.revisions:
            raise StartupRefused(
                f"The {self.service} database is at version {revision}, newer than this program, which knows "
                f"versions up to {self.head or 'none'}: start the newer program, or put back an older backup."
            )
        return self.revisions.index(revision) + 1


def services_with_histories() -> tuple[str, ...]:
    """The services that own tables, by name."""
    folders = sorted(_services_folder().glob("*/migrations/versions"))
    return tuple(folder.parent.parent.name for folder in folders if any(folder.glob("[0-9]*.py")))


def _services_folder() -> Path:
    # Found by name and not imported: libs know no service.
    found = importlib.util.find_spec("services")
    if found is None or not found.submodule_search_locations:
        raise StartupRefused("The services folder is missing: install Headgate again.")
    return Path(next(iter(found.submodule_search_locations)))
