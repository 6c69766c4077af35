"""Changes to the list of addons at Stremio: looked at, backed up, made, undone; and what comes in between."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from libs.common.contracts.stremio_account import NewPlan, PlanView
from services.sync.kinds.base import SourceAway
from services.sync.store.stremio_plans import MOST_BACKUPS, MOST_PLANS
from services.sync.stremio.errors import (
    BackupNotFound,
    NothingToChange,
    OtherAccount,
    PlanNotFound,
    PlanOver,
    StremioNotConnected,
)
from tests.fakes.stremio_api import Account, descriptor
from tests.sync.stremio.parts import ANNA, BASE, EVA, Parts, owner_of

HERS = owner_of(ANNA)
OWN = f"{BASE}/stremio/token-anna-p/manifest.json"
CINEMETA = "https://cinemeta.example/manifest.json"
ONE, TWO, THREE = (f"https://{name}.example/key-{name}/manifest.json" for name in ("one", "two", "three"))
LOCAL = "http://127.0.0.1:11470/local-addon/manifest.json"


@pytest.fixture
async def mine(parts: Parts, account: Account) -> Parts:
    """Connected, with Stremio's own addons before, between and behind three others."""
    account.addons = [
        descriptor(CINEMETA, official=True, protected=True, name="Cinemeta"),
        descriptor(ONE, name="One"),
        descriptor(LOCAL, official=True, protected=True, name="Local files"),
        descriptor(TWO, name="Two"),
        descriptor(THREE, name="Three"),
    ]
    await parts.connect()
    return parts


def _urls(account: Account) -> list[str]:
    return [addon["transportUrl"] for addon in account.addons]


def _changes(plan: PlanView) -> list[tuple[str, str]]:
    return [(line.name, line.change) for line in plan.lines]


async def test_what_is_installed_is_listed_with_nothing_secret(mine: Parts, account: Account) -> None:
    mine.shelf.put("anna-p", TWO)
    listed = (await mine.plans.installed(ANNA, BASE, deadline=mine.within())).items
    assert [each.name for each in listed] == ["Cinemeta", "One", "Local files", "Two", "Three"]
    assert [each.in_headgate for each in listed] == [False, False, False, True, False]
    assert (listed[0].official, listed[0].protected, listed[1].protected) == (True, True, False)
    assert listed[1].address == "https://one.example/•••/manifest.json"
    assert "key-" not in str(listed)


async def test_a_move_shows_what_it_will_do_and_does_nothing_yet(mine: Parts, account: Account) -> None:
    before = copy.deepcopy(account.addons)
    plan = await mine.plan("move")
    assert _changes(plan) == [
        ("Cinemeta", "kept"),
        ("Headgate", "added"),
        ("Local files", "kept"),
        ("One", "taken"),
        ("Two", "taken"),
        ("Three", "taken"),
    ]
    assert "key-" not in str(plan)
    assert "token-" not in str(plan)
    assert account.addons == before
    assert mine.shelf.of("anna-p") == {}


async def test_a_move_takes_them_over_in_order_and_puts_one_in_their_place(
    mine: Parts, account: Account
) -> None:
    before = copy.deepcopy(account.addons)
    done = await mine.apply(await mine.plan("move"))
    assert (done.state, done.problem) == ("applied", "")
    assert list(mine.shelf.of("anna-p").values()) == [ONE, TWO, THREE]
    assert _urls(account) == [CINEMETA, OWN, LOCAL]
    # What stays is as it was, to the last member.
    assert [account.addons[0], account.addons[2]] == [before[0], before[2]]
    own = account.addons[1]
    assert own["manifest"]["description"] == "3 addons"
    assert own["flags"] == {"official": False, "protected": False}


async def test_an_undo_puts_everything_back(mine: Parts, account: Account) -> None:
    before = copy.deepcopy(account.addons)
    mine.shelf.put("anna-p", "https://here-before.example/manifest.json")
    await mine.apply(await mine.plan("move"))
    plan = await mine.plan("undo")
    assert _changes(plan) == [
        ("Cinemeta", "kept"),
        ("One", "added"),
        ("Local files", "kept"),
        ("Two", "added"),
        ("Three", "added"),
        ("Headgate", "removed"),
    ]
    assert plan.from_headgate == ("Addon a2", "Addon a3", "Addon a4")
    done = await mine.apply(plan)
    assert done.state == "applied"
    assert account.addons == before
    assert list(mine.shelf.of("anna-p").values()) == ["https://here-before.example/manifest.json"]
    with pytest.raises(NothingToChange, match="undone"):
        await mine.plan("undo")


async def test_what_was_added_since_stays_through_an_undo(mine: Parts, account: Account) -> None:
    await mine.apply(await mine.plan("move"))
    new = descriptor("https://new.example/manifest.json", name="New")
    account.addons.append(new)
    await mine.apply(await mine.plan("undo"))
    assert account.addons[-1] == new
    assert _urls(account)[:-1] == [CINEMETA, ONE, LOCAL, TWO, THREE]


async def test_what_headgate_has_already_is_not_added_nor_taken_out(mine: Parts, account: Account) -> None:
    mine.shelf.put("anna-p", TWO)
    mine.shelf.put("anna-p", THREE)
    mine.shelf.off.add(THREE)
    done = await mine.apply(await mine.plan("move"))
    assert (done.state, done.problem) == ("applied", "")
    assert list(mine.shelf.of("anna-p").values()) == [TWO, THREE, ONE]
    await mine.apply(await mine.plan("undo"))
    assert list(mine.shelf.of("anna-p").values()) == [TWO, THREE]


async def test_an_addon_that_does_not_answer_stays_where_it_is(mine: Parts, account: Account) -> None:
    mine.shelf.dead.add(TWO)
    done = await mine.apply(await mine.plan("move"))
    assert done.state == "applied"
    assert "Two (The addon could not be reached)" in done.problem
    assert [line.change for line in done.lines if line.name == "Two"] == ["kept"]
    assert _urls(account) == [CINEMETA, OWN, LOCAL, TWO]


async def test_a_second_move_takes_what_came_since_and_keeps_one_of_ours(
    mine: Parts, account: Account
) -> None:
    await mine.apply(await mine.plan("move"))
    account.addons.append(descriptor("https://new.example/manifest.json", name="New"))
    plan = await mine.plan("move")
    assert _changes(plan) == [
        ("Cinemeta", "kept"),
        ("Headgate", "kept"),
        ("Local files", "kept"),
        ("New", "taken"),
    ]
    await mine.apply(plan)
    assert _urls(account) == [CINEMETA, OWN, LOCAL]
    with pytest.raises(NothingToChange):
        await mine.plan("move")


async def test_a_push_brings_the_manifest_up_to_date_and_nothing_else(mine: Parts, account: Account) -> None:
    with pytest.raises(NothingToChange, match="not installed"):
        await mine.plan("push")
    await mine.apply(await mine.plan("move"))
    account.addons[1]["flags"]["pinnedBySomebody"] = True
    account.addons[1]["transportUrl"] = f"{BASE}/stremio/a-former-token/manifest.json"
    mine.shelf.manifest["version"] = "1.0.1"
    before = copy.deepcopy(account.addons)
    plan = await mine.plan("push")
    assert _changes(plan) == [("Cinemeta", "kept"), ("Headgate", "updated"), ("Local files", "kept")]
    await mine.apply(plan)
    own = account.addons[1]
    assert (own["manifest"]["version"], own["transportUrl"]) == ("1.0.1", OWN)
    assert own["flags"] == before[1]["flags"]
    assert [account.addons[0], account.addons[2]] == [before[0], before[2]]
    with pytest.raises(NothingToChange, match="like that already"):
        await mine.plan("push")


async def test_any_backup_can_be_restored(mine: Parts, account: Account) -> None:
    before = copy.deepcopy(account.addons)
    await mine.apply(await mine.plan("move"))
    account.addons.append(descriptor("https://new.example/manifest.json", name="New"))
    (backup,) = (await mine.plans.backups(HERS)).items
    assert (backup.action, backup.addons, backup.restorable) == ("move", 5, True)
    plan = await mine.plan("restore", backup_id=backup.id)
    assert ("New", "removed") in _changes(plan)
    await mine.apply(plan)
    assert account.addons == before
    assert len((await mine.plans.backups(HERS)).items) == 2
    await mine.apply(await mine.plan("undo"))
    assert _urls(account)[-1] == "https://new.example/manifest.json"


async def test_what_is_protected_stays_through_a_restore(mine: Parts, account: Account) -> None:
    await mine.apply(await mine.plan("move"))
    account.addons.append(descriptor("https://held.example/manifest.json", protected=True))
    (backup,) = (await mine.plans.backups(HERS)).items
    done = await mine.apply(await mine.plan("restore", backup_id=backup.id))
    assert done.state == "applied"
    assert _urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE, "https://held.example/manifest.json"]


async def test_backups_and_plans_are_bounded_and_sealed(mine: Parts, account: Account) -> None:
    for number in range(MOST_BACKUPS + 3):
        account.addons.append(descriptor(f"https://new-{number}.example/secret/manifest.json"))
        assert (await mine.apply(await mine.plan("move"))).state == "applied"
    assert len((await mine.plans.backups(HERS)).items) == MOST_BACKUPS
    assert len((await mine.plans.listed(HERS)).items) == MOST_PLANS
    for table in ("stremio_backups", "stremio_plans"):
        held = str([dict(row) for row in await mine.database.fetch_all(f"SELECT * FROM {table}")])
        assert "secret" not in held
        assert "token-" not in held


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
    assert _urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE, "https://new.example/manifest.json"]
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
    assert _urls(account) == [CINEMETA, OWN, LOCAL]
    assert mine.stremio.methods.count("addonCollectionSet") == 1
    assert list(mine.shelf.of("anna-p").values()) == [ONE, TWO, THREE]


async def test_a_write_that_never_arrived_is_made_again(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    mine.stremio.failing["addonCollectionSet"] = 503
    with pytest.raises(SourceAway):
        await mine.apply(plan)
    assert _urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE]
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
    assert _urls(account) == [CINEMETA, OWN, LOCAL]
    assert sorted(mine.shelf.of("anna-p").values()) == sorted([ONE, TWO, THREE])
    await mine.apply(await mine.plan("undo"))
    assert _urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE]
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
    assert _urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE]


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


async def test_a_manifest_that_stremio_could_not_sync_is_not_sent(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    mine.shelf.manifest["catalogs"] = [{"name": "x" * 9000}]
    done = await mine.apply(plan)
    assert done.state == "refused"
    assert "too large" in done.problem
    assert mine.shelf.of("anna-p") == {}


async def test_another_account_is_never_given_this_ones_list(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    await mine.apply(plan)
    late = await mine.plan("undo")
    (backup,) = (await mine.plans.backups(HERS)).items
    other = mine.stremio.add_account("other@example.org", account.password)
    other.addons = [descriptor(ONE)]
    await mine.connections.disconnect(HERS, deadline=mine.within())
    await mine.connect(email="other@example.org")
    assert not (await mine.plans.backups(HERS)).items[0].restorable
    with pytest.raises(OtherAccount):
        await mine.plan("restore", backup_id=backup.id)
    with pytest.raises(OtherAccount):
        await mine.plan("undo")
    done = await mine.apply(late)
    assert (done.state, "Another Stremio account" in done.problem) == ("refused", True)
    assert _urls(other) == [ONE]


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


async def test_a_list_of_a_thousand_is_moved_as_far_as_there_is_room(mine: Parts, account: Account) -> None:
    urls = [f"https://addon-{number}.example/key/manifest.json" for number in range(1000)]
    account.addons = [descriptor(url, name=f"Addon {number}") for number, url in enumerate(urls)]
    mine.shelf.at_most = 30
    plan = await mine.plan("move")
    assert len(plan.lines) == 1001
    done = await mine.apply(plan)
    assert done.state == "applied"
    assert "and 960 more" in done.problem
    held = list(mine.shelf.of("anna-p").values())
    assert len(held) == 30
    left = _urls(account)
    assert left.count(OWN) == 1
    assert sorted([*held, *left]) == sorted([*urls, OWN])
    await mine.apply(await mine.plan("undo"))
    assert _urls(account) == urls


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"transportUrl": "ipfs://x/manifest.json", "manifest": {"name": "\u202eodd\x07"}},
        {"transportUrl": "javascript:alert(1)", "manifest": {"name": "<script>"}},
        {"transportUrl": "https://[broken/manifest.json", "manifest": 5},
        {"transportUrl": "https://x.example/" + "a" * 9000 + "/manifest.json", "manifest": {"name": 1}},
    ],
)
async def test_what_cant_be_read_stays_as_it_is(mine: Parts, account: Account, odd: Any) -> None:
    account.addons.insert(1, copy.deepcopy(odd))
    plan = await mine.plan("move")
    done = await mine.apply(plan)
    assert done.state == "applied"
    assert account.addons[1] == odd
    assert all(line.name.isprintable() for line in plan.lines)
    await mine.apply(await mine.plan("undo"))
    assert account.addons[1] == odd


async def test_the_same_addon_twice_is_taken_once(mine: Parts, account: Account) -> None:
    account.addons.append(copy.deepcopy(account.addons[1]))
    await mine.apply(await mine.plan("move"))
    assert list(mine.shelf.of("anna-p").values()) == [ONE, TWO, THREE]
    assert _urls(account) == [CINEMETA, OWN, LOCAL]


async def test_the_hubs_addon_is_known_by_whatever_name_it_was_installed(
    mine: Parts, account: Account
) -> None:
    account.addons.insert(1, descriptor("http://nas.lan:8080/stremio/token-anna-p/manifest.json"))
    account.addons.append(descriptor(f"{BASE}/stremio/a-former-token/manifest.json"))
    await mine.apply(await mine.plan("move"))
    assert _urls(account) == [CINEMETA, OWN, LOCAL]
    assert OWN not in mine.shelf.of("anna-p").values()


async def test_an_empty_list_gets_the_hubs_addon(mine: Parts, account: Account) -> None:
    account.addons = []
    await mine.apply(await mine.plan("move"))
    assert _urls(account) == [OWN]


async def test_an_http_address_is_warned_of(mine: Parts, account: Account) -> None:
    assert (await mine.plan("move")).warnings == ()
    for base, told in (("http://nas.lan:8080", "https alone"), ("http://127.0.0.1:8080", "no other device")):
        mine.clock.advance(1)
        plan = await mine.plans.make(ANNA, NewPlan(action="move"), base, deadline=mine.within())
        assert told in plan.warnings[0]


async def test_no_other_profile_sees_or_uses_any_of_it(mine: Parts, account: Account) -> None:
    plan = await mine.plan("move")
    await mine.apply(plan)
    await mine.connections.disconnect(HERS, deadline=mine.within())
    other = owner_of(EVA)
    await mine.connect(EVA)
    (backup,) = (await mine.plans.backups(HERS)).items
    assert (await mine.plans.backups(other)).items == ()
    with pytest.raises(BackupNotFound):
        await mine.plan("restore", EVA, backup_id=backup.id)
    with pytest.raises(NothingToChange):
        await mine.plan("undo", EVA)
    with pytest.raises(PlanNotFound):
        await mine.plans.apply(other, plan.id)
    with pytest.raises(StremioNotConnected):
        await mine.plan("move")
