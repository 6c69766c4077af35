"""What comes in between a change to the list of addons at Stremio leaves nothing half done."""

from __future__ import annotations

from typing import Any

import pytest

from services.sync.kinds.base import SourceAway
from services.sync.stremio.errors import PlanOver
from tests.fakes.stremio_api import Account, descriptor
from tests.sync.stremio.listed import CINEMETA, HERS, LOCAL, ONE, OWN, THREE, TWO, urls, with_addons
from tests.sync.stremio.parts import Parts


@pytest.fixture
async def mine(parts: Parts, account: Account) -> Parts:
    return await with_addons(parts, account)


@pytest.mark.parametrize("when", ["before it begins", "while addons are taken", "right before it is written"])
async def test_a_list_that_changed_meanwhile_is_not_written(mine: Parts, account: Account, when: str) -> None:
    plan = await mine.plan("move")
    new = descriptor("https://new.example/manifest.json")
    looks = 0

    def change(method: str, account: Account) -> None:
        nonlocal looks
        looks += method == "addonCollectionGet"
        wanted = 1 if when == "before it begins" else 2
        if looks == wanted and new not in account.addons:
            account.addons.append(new)

    if when == "while addons are taken":
        mine.shelf.added = lambda url: account.addons.append(new) if url == TWO else None
    else:
        mine.stremio.before = change
    done = await mine.apply(plan)
    assert done.state == "refused"
    assert "changed after you looked at it" in done.problem
    assert urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE, "https://new.example/manifest.json"]
    assert mine.shelf.of("anna-p") == {}
    assert "addonCollectionSet" not in mine.stremio.methods
    with pytest.raises(PlanOver):
        await mine.plans.apply(HERS, plan.id)


async def test_another_order_is_another_list(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    account.addons.reverse()
    assert (await mine.apply(plan)).state == "refused"


async def test_blanks_and_the_order_of_members_are_none(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    account.addons = [dict(reversed(list(addon.items()))) for addon in account.addons]
    assert (await mine.apply(plan)).state == "applied"


async def test_a_write_whose_answer_is_lost_is_found_to_be_done(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    mine.stremio.cut_after.add("addonCollectionSet")
    with pytest.raises(SourceAway):
        await mine.apply(plan)
    assert (await mine.plans.get(HERS, plan.id)).state == "interrupted"
    mine.stremio.cut_after.clear()
    await mine.work(plan)
    assert (await mine.plans.get(HERS, plan.id)).state == "applied"
    assert urls(account) == [CINEMETA, OWN, LOCAL]
    assert mine.stremio.methods.count("addonCollectionSet") == 1
    assert list(mine.shelf.of("anna-p").values()) == [ONE, TWO, THREE]


async def test_a_write_that_never_arrived_is_made_again(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    mine.stremio.failing["addonCollectionSet"] = 503
    with pytest.raises(SourceAway):
        await mine.apply(plan)
    assert urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE]
    mine.stremio.failing.clear()
    await mine.work(plan)
    assert (await mine.plans.get(HERS, plan.id)).state == "applied"
    assert len((await mine.plans.backups(HERS)).items) == 1


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("step", range(12))
async def test_a_move_that_is_killed_anywhere_goes_on(
    mine: Parts, account: Account, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    plan = await mine.plan("move")
    left = [step]

    def killed_at(name: str, of: Any) -> None:
        real = getattr(of, name)

        async def call(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            answer = await real(*args, **named)
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return answer

        monkeypatch.setattr(of, name, call)

    for name in ("back_up", "keep_progress", "applied"):
        killed_at(name, mine.plan_store)
    api = mine.access._api
    killed_at("set_addons", api)
    try:
        await mine.apply(plan)
    except Killed:
        left[0] = 10**6
        shown = await mine.plans.get(HERS, plan.id)
        assert shown.state in {"interrupted", "applied"}
        if shown.state == "interrupted":
            await mine.apply(plan)
    done = await mine.plans.get(HERS, plan.id)
    assert (done.state, done.problem) == ("applied", "")
    assert urls(account) == [CINEMETA, OWN, LOCAL]
    assert sorted(mine.shelf.of("anna-p").values()) == sorted([ONE, TWO, THREE])
    await mine.apply(await mine.plan("undo"))
    assert urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE]
    assert mine.shelf.of("anna-p") == {}


async def test_a_stremio_that_stays_away_leaves_nothing_half_done(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    await mine.plans.apply(HERS, plan.id)
    mine.shelf.added = lambda _url: mine.stremio.failing.update(addonCollectionGet=503)
    await mine.work_until_given_up(plan)
    done = await mine.plans.get(HERS, plan.id)
    assert done.state == "refused"
    assert "Nothing was changed" in done.problem
    assert mine.shelf.of("anna-p") == {}
    assert urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE]


async def test_a_write_nobody_knows_of_is_said_and_goes_on_when_asked(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    await mine.plans.apply(HERS, plan.id)
    mine.stremio.cut_after.add("addonCollectionSet")

    def then_away(method: str, _account: Account) -> None:
        if method == "addonCollectionSet":
            mine.stremio.failing["addonCollectionGet"] = 503

    mine.stremio.before = then_away
    await mine.work_until_given_up(plan)
    left = await mine.plans.get(HERS, plan.id)
    assert left.state == "interrupted"
    assert "not known yet" in left.problem
    assert list(mine.shelf.of("anna-p").values()) == [ONE, TWO, THREE]
    other = await mine.plans.listed(HERS)
    assert [each.state for each in other.items] == ["interrupted"]
    mine.stremio.failing.clear()
    mine.stremio.cut_after.clear()
    assert (await mine.apply(plan)).state == "applied"


async def test_one_change_at_a_time(mine: Parts, account: Account) -> None:
    first, second = await mine.plan("move"), await mine.plan("move")
    await mine.plans.apply(HERS, first.id)
    with pytest.raises(PlanOver, match="under way"):
        await mine.plans.apply(HERS, second.id)
    await mine.work(first)
    assert (await mine.apply(second)).state == "refused"


async def test_a_key_that_ends_on_the_way_leaves_nothing_half_done(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    mine.shelf.added = lambda _url: mine.stremio.revoke()
    done = await mine.apply(plan)
    assert done.state == "refused"
    assert "Connect again" in done.problem
    assert mine.shelf.of("anna-p") == {}


async def test_a_catalog_that_is_away_is_waited_for(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    await mine.plans.apply(HERS, plan.id)
    mine.shelf.away = True
    with pytest.raises(SourceAway):
        await mine.work(plan)
    assert "addonCollectionSet" not in mine.stremio.methods
    mine.shelf.away = False
    await mine.work(plan)
    assert (await mine.plans.get(HERS, plan.id)).state == "applied"


@pytest.mark.parametrize("declined", [(11, "Invalid"), (1000, "x")])
async def test_a_list_that_stremio_declines_changes_nothing(
    mine: Parts, account: Account, declined: tuple[int, str]
) -> None:
    plan = await mine.plan("move")
    mine.stremio.declining["addonCollectionSet"] = declined
    done = await mine.apply(plan)
    assert done.state == "refused"
    assert "did not take the list" in done.problem
    assert mine.shelf.of("anna-p") == {}


async def test_what_may_have_been_written_elsewhere_takes_nothing_away_here(
    mine: Parts, account: Account
) -> None:
    plan = await mine.plan("move")
    mine.stremio.cut_after.add("addonCollectionSet")
    with pytest.raises(SourceAway):
        await mine.apply(plan)
    mine.stremio.add_account("other@example.org", account.password)
    await mine.connections.disconnect(HERS, deadline=mine.within())
    await mine.connect(email="other@example.org")
    assert (await mine.apply(plan)).state == "refused"
    assert list(mine.shelf.of("anna-p").values()) == [ONE, TWO, THREE]
