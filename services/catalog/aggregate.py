"""Catalogs, titles and search out of many addons: whole when all answer, marked partial when some don't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from libs.addons.answers import Answers, Kept
from libs.addons.errors import AddonTimedOut
from libs.addons.failures import missing
from libs.addons.freshness import Freshness, worst
from libs.addons.items import Item
from libs.common.contracts.catalog import CacheState, SourceProblem
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, InvalidInput, UpstreamFailed, UpstreamTimedOut
from libs.common.fanout import Grace, Outcome, Ready, gather_within
from libs.common.tasks import Tasks
from libs.protocols.stremio.paths import Extra, ResourcePath
from services.catalog.errors import CatalogNotFound, TitleNotFound
from services.catalog.identity.choices import Choices
from services.catalog.listing import Listed
from services.catalog.model import honest_minimum
from services.catalog.paging import PAGE_SIZE, Missing, Page, Window, window
from services.catalog.rows.row import AnyRow, Row
from services.catalog.titles import Gathered, Group, gathered

MAX_SKIP = 1_000_000

META_GRACE_S = 0.7
"""How long addons further up are waited for once one further down has the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What every answer says about itself: how long it holds, where it came from, who is missing.

    One that is not `settled` may be another one in a moment.
    """

    freshness: Freshness
    state: CacheState
    problems: tuple[SourceProblem, ...] = ()
    settled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """`kind` is metas, metasDetailed or addons; `next_skip` None means that the row ends here."""

    row: AnyRow
    kind: str
    items: tuple[Item, ...]
    next_skip: int | None
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """`addon` is None for a title that none describes: `from_tmdb`, which may also have completed it."""

    meta: bytes
    addon: Listed | None
    told: Told
    from_tmdb: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What rows found, in row order, put together."""

    gathered: Gathered
    told: Told


class Aggregator:
    """Asks the addons of a list together, within a deadline."""

    def __init__(self, answers: Answers, *, tasks: Tasks) -> None:
        self._answers = answers
        self._tasks = tasks

    async def page(self, row: Row, extra: Extra, *, deadline: Deadline) -> RowPage:
        """100 items of a row from the `skip` among the extras, every other extra passed on as it is.

        Raises CatalogNotFound for a question the protocol does not permit, which no addon is asked, and the
        addon's error when there is nothing to show.
        """
        check_allowed(row, extra)
        skip = skip_of(extra)
        found, kind = await self.read(row, extra, skip=skip, size=PAGE_SIZE, deadline=deadline)
        if found.problem is not None and not found.items:
            raise found.problem.error
        problems = () if found.problem is None else (problem_of(row.addon, found.problem.error),)
        return RowPage(
            row=row,
            kind=kind,
            items=found.items,
            next_skip=skip + PAGE_SIZE if found.more else None,
            told=told_of(found.pages, problems),
        )

    async def read(
        self, row: Row, extra: Extra, *, skip: int, size: int, deadline: Deadline
    ) -> tuple[Window, str]:
        """Items of a row's whole list, whatever pages its addon has, and the member they came in."""
        kinds: list[str] = []

        async def fetch(at: int) -> Page | Missing:
            path = ResourcePath("catalog", row.own.type, row.own.id, with_skip(extra, at))
            try:
                kept = await self._answers.ask(row.addon, path, deadline=deadline)
            except HeadgateError as error:
                return Missing(error)
            kinds.append(kept.kind)
            return Page(kept.items, kept.freshness, kept.state)

        found = await window(fetch, skip=skip, honours_skip=row.own.declares("skip"), size=size)
        return found, kinds[0] if kinds else "metas"

    async def addon_page(self, row: Row, extra: Extra, *, deadline: Deadline) -> RowPage:
        """An addon's list of addons, as it is. One that takes no `skip` is cut here."""
        check_allowed(row, extra)
        skip = 0 if row.own.declares("skip") else skip_of(extra)
        asked = extra if row.own.declares("skip") else with_skip(extra, 0)
        path = ResourcePath("addon_catalog", row.own.type, row.own.id, asked)
        kept = await self._answers.ask(row.addon, path, deadline=deadline)
        items = kept.items[skip:]
        return RowPage(row=row, kind=kept.kind, items=items, next_skip=None, told=told_of([kept], ()))

    async def title(self, addons: Sequence[Listed], type_: str, id_: str, *, deadline: Deadline) -> Title:
        """The metadata of the first addon in order that knows the title.

        It leaves as soon as all addons before that one have answered, or a moment after any addon has the
        title: whoever is late then is named, and may win the next time. Raises TitleNotFound when every addon
        said that it knows no such title, an upstream error when some could not say.
        """
        asked = {addon.id: addon for addon in addons if addon.manifest.supports("meta", type_, id_)}
        path = ResourcePath("meta", type_, id_)
        outcomes = await gather_within(
            {key: partial(self._answers.ask, addon, path, deadline=deadline) for key, addon in asked.items()},
            deadline=deadline,
            tasks=self._tasks,
            enough=lambda so_far: _first(asked, so_far) is not None,
            grace=Grace(lambda so_far: any(_knows(outcome) for outcome in so_far.values()), META_GRACE_S),
        )
        problems: list[SourceProblem] = []
        for key, outcome in outcomes.items():
            if not isinstance(outcome, Ready):
                problems.append(missing(asked[key], outcome))
            elif outcome.value.meta is not None:
                # Addons that know nothing of the title don't shorten the winner's time.
                told = told_of([outcome.value], tuple(problems))
                return Title(meta=outcome.value.meta, addon=asked[key], told=told)
        if problems:
            raise nobody_told(problems)
        raise TitleNotFound("None of your addons knows this title.")

    async def search(self, rows: Sequence[Row], query: str, *, choices: Choices, deadline: Deadline) -> Found:
        """Everything the rows find, as far as they answer in time. Raises when none of them answered."""
        extra: Extra = (("search", query),)
        asked = {row.key: row for row in rows if row.own.allows(extra)}
        outcomes = await gather_within(
            {key: partial(self.page, row, extra, deadline=deadline) for key, row in asked.items()},
            deadline=deadline,
            tasks=self._tasks,
        )
        groups: list[Group] = []
        problems: dict[str, SourceProblem] = {}
        pages: list[RowPage] = []
        for key, outcome in outcomes.items():
            if not isinstance(outcome, Ready):
                problems.setdefault(key.addon_id, missing(asked[key].addon, outcome))
                continue
            pages.append(outcome.value)
            problems.update((each.addon_id, each) for each in outcome.value.told.problems)
            groups.append((asked[key], outcome.value.items))
        if problems and not pages:
            raise nobody_told(list(problems.values()))
        having = [page.told for page in pages if page.items]
        told = told_of(having or [page.told for page in pages], tuple(problems.values()))
        return Found(gathered=await gathered(groups, choices), told=told)


def required_row(row: AnyRow | None) -> AnyRow:
    if row is None:
        raise CatalogNotFound("There is no such catalog among your addons.")
    return row


def check_allowed(row: AnyRow, extra: Extra) -> None:
    """Every extra is part of what is cached, so only those that the row declares are let through."""
    if not row.own.allows(with_skip(extra, 0)):
        takes = ", ".join(each.name + " (required)" * each.required for each in row.own.extra[:10])
        raise CatalogNotFound(f"This catalog can't be asked so. It takes: {takes or 'nothing'}.")


def skip_of(extra: Extra) -> int:
    text = next((value for name, value in extra if name == "skip"), "0")
    if not text.isascii() or not text.isdigit() or int(text[:10]) > MAX_SKIP:
        raise InvalidInput("skip has to be a whole number.", fields={"skip": "not a whole number"})
    return int(text)


def with_skip(extra: Extra, at: int) -> Extra:
    """The extras with our own skip where theirs stood, or at the end; none for the first page."""
    if not at:
        return tuple(pair for pair in extra if pair[0] != "skip")
    if any(name == "skip" for name, _ in extra):
        return tuple((name, str(at)) if name == "skip" else (name, value) for name, value in extra)
    return (*extra, ("skip", str(at)))


def _first(asked: Mapping[str, Listed], so_far: Mapping[str, Outcome[Kept]]) -> str | None:
    """The addon that wins whatever the others still say; None while that is open."""
    for key in asked:
        outcome = so_far.get(key)
        if outcome is None:
            return None
        if _knows(outcome):
            return key
    return None


def _knows(outcome: Outcome[Kept]) -> bool:
    return isinstance(outcome, Ready) and outcome.value.meta is not None


def told_of(
    parts: Sequence[Page | Kept | Told], problems: tuple[SourceProblem, ...], *, settled: bool = True
) -> Told:
    """What an answer made of `parts` says of itself. One that is not `settled` is not to be kept for long."""
    state = worst((part.state for part in parts), partial=bool(problems))
    brief = bool(problems) or not settled
    freshness = honest_minimum((part.freshness for part in parts), partial=brief)
    return Told(freshness=freshness, state=state, problems=problems, settled=settled)


def problem_of(addon: Listed, error: HeadgateError) -> SourceProblem:
    return SourceProblem(addon.id, addon.name, error.code, str(error))


def nobody_told(problems: Sequence[SourceProblem]) -> HeadgateError:
    """The error of an answer that has nothing to show because of `problems`."""
    detail = "; ".join(f"{problem.addon_name}: {problem.detail}" for problem in problems[:5])
    late = all(problem.reason == AddonTimedOut.code for problem in problems)
    return UpstreamTimedOut(detail) if late else UpstreamFailed(detail)
