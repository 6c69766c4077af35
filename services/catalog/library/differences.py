"""What a line of items changes of what is held: new, changed, the same after all, or something else now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from libs.common.contracts.handover import ItemRow
from libs.common.secrets import SecretBox, SecretsError
from services.catalog.library.guard import is_another_title
from services.catalog.library.lines import Contents, item_context
from services.catalog.library.noted import MOST
from services.catalog.store.library.batches import Batch, Writer
from services.catalog.store.library.changes import Change
from services.catalog.store.library.counts import Counted
from services.catalog.store.library.items import COLUMNS, Going, Record

_AT: Final = {name: at for at, name in enumerate(COLUMNS)}
_KEPT: Final = itemgetter(*(at for name, at in _AT.items() if name not in ("hash", "sealed_url")))
_COUNTED: Final = itemgetter(*(_AT[name] for name in Counted._fields))
_GOING: Final = itemgetter(*(_AT[name] for name in Going._fields))
_TOLD_BY: Final = itemgetter(*(_AT[name] for name in ("name", "year", "tmdb", "imdb")))
"""What tells which title an item is: while it is the same, so is what the item was matched to."""
_SUPPLEMENTED: Final = tuple(_AT[name] for name in ("year", "tmdb", "imdb"))
"""What details bring where lists are silent."""
_HASH, _NAME, _SEALED = _AT["hash"], _AT["name"], _AT["sealed_url"]
_SORT, _YEAR, _TMDB, _WORDS = _AT["sort"], _AT["year"], _AT["tmdb"], _AT["words"]


def fresh(rows: Iterable[ItemRow], held: Mapping[int, Record]) -> set[int]:
    """The panel's numbers of those that get a number of their own: new ones, and numbers given out again."""
    return {
        row.panel_id
        for row in rows
        if (old := held.get(row.panel_id)) is None
        or is_another_title((old[_SORT], old[_YEAR], old[_TMDB]), (row.sort, row.year, row.tmdb))
    }


class Differences:
    """Sorts rows out against what is held of them. `others` are the held ones' categories but the first."""

    def __init__(
        self,
        writer: Writer,
        contents: Contents,
        box: SecretBox,
        *,
        held: Mapping[int, Record] = MappingProxyType({}),
        others: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._writer = writer
        self._contents = contents
        self._box = box
        self._held = held
        self._others = dict[int, set[int]]()
        for category, item in others:
            self._others.setdefault(item, set()).add(category)

    def of(self, rows: Sequence[ItemRow], numbers: Iterator[int], is_fresh: set[int]) -> Batch:
        batch, reused = Batch(), list[Record]()
        of, held = self._contents.of, self._held
        for row in rows:
            content, old = of(row), held.get(row.panel_id)
            if row.panel_id in is_fresh:
                record: Record = (next(numbers), *content)
                batch.new.append(record)
                if len(row.categories) > 1:
                    batch.others.extend((category, record[0]) for category in self._contents.others(row))
                if old is not None:
                    reused.append(old)
            elif old is not None:
                self._compare(batch, row, old, _supplemented(old, (old[0], *content)))
        self._count(batch, reused)
        # Counted as often as it stands there: a search only wants to know which words are rare.
        said = [record[_WORDS] for record in batch.new]
        said += [new[_WORDS] for old, new in batch.changed if new[_WORDS] != old[_WORDS]]
        batch.words.update(" ".join(said).split())
        batch.going.extend(Going(*_GOING(old)) for old in reused)
        self._tell(batch)
        return batch

    def _compare(self, batch: Batch, row: ItemRow, old: Record, new: Record) -> None:
        id_ = old[0]
        after, before = set(self._contents.others(row)), self._others.get(id_, set())
        if _KEPT(old) == _KEPT(new) and after == before and self._is_same_address(row, old):
            if row.hash != old[_HASH]:
                batch.rehashed.append((id_, row.hash))
            return
        batch.changed.append((old, new))
        if _TOLD_BY(old) != _TOLD_BY(new):
            batch.unmatched.append(id_)
        if after != before:
            batch.anew.append(id_)
            batch.others.extend((category, id_) for category in sorted(after))
            batch.counts.others.subtract(before)

    def _is_same_address(self, row: ItemRow, old: Record) -> bool:
        sealed = old[_SEALED]
        if not isinstance(sealed, bytes):
            return not row.url
        context = item_context(self._writer.number, self._writer.kind, row.panel_id)
        try:
            return self._box.open(sealed, context=context) == row.url.encode()
        except SecretsError:
            return False

    def _count(self, batch: Batch, reused: Sequence[Record]) -> None:
        counts = batch.counts
        counts.add([*map(_COUNTED, batch.new)], 1)
        counts.add([_COUNTED(new) for _, new in batch.changed], 1)
        counts.add([_COUNTED(old) for old, _ in batch.changed], -1)
        counts.add([_COUNTED(old) for old in reused], -1)
        counts.others.update(category for category, _ in batch.others)
        for old in reused:
            counts.others.subtract(self._others.get(old[0], ()))

    def _tell(self, batch: Batch) -> None:
        kind, changes = self._writer.kind, batch.changes
        changes.extend(Change(kind, record[0], "added", record[_NAME]) for record in batch.new[:MOST])
        changes.extend(Change(kind, new[0], "changed", new[_NAME]) for _, new in batch.changed[:MOST])
        changes.extend(Change(kind, one.id, "removed", one.name) for one in batch.going)


def _supplemented(old: Record, new: Record) -> Record:
    """With what was known of the same name: a list that is silent about it takes nothing back."""
    if old[_NAME] != new[_NAME] or all(new[at] is not None for at in _SUPPLEMENTED):
        return new
    record = list(new)
    for at in _SUPPLEMENTED:
        if record[at] is None:
            record[at] = old[at]
    return tuple(record)
