"""Changes to the list of addons at Stremio: looked at, backed up, made, undone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from libs.common.contracts.stremio_account import NewPlan
from services.sync.store.stremio_plans import MOST_BACKUPS, MOST_PLANS
from services.sync.stremio.errors import (
    BackupNotFound,
    NothingToChange,
    OtherAccount,
    PlanNotFound,
    StremioNotConnected,
)
from tests.fakes.stremio_api import Account, descriptor
from tests.sync.stremio.listed import CINEMETA, HERS, LOCAL, ONE, OWN, THREE, TWO, changes, urls, with_addons
from tests.sync.stremio.parts import ANNA, BASE, EVA, Parts, owner_of


@pytest.fixture
async def mine(parts: Parts, account: Account) -> Parts:
    return await with_addons(parts, account)


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
    assert changes(plan) == [
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
    assert urls(account) == [CINEMETA, OWN, LOCAL]
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
    assert changes(plan) == [
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
    assert urls(account)[:-1] == [CINEMETA, ONE, LOCAL, TWO, THREE]


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
    assert urls(account) == [CINEMETA, OWN, LOCAL, TWO]


async def test_a_second_move_takes_what_came_since_and_keeps_one_of_ours(
    mine: Parts, account: Account
) -> None:
    await mine.apply(await mine.plan("move"))
    account.addons.append(descriptor("https://new.example/manifest.json", name="New"))
    plan = await mine.plan("move")
    assert changes(plan) == [
        ("Cinemeta", "kept"),
        ("Headgate", "kept"),
        ("Local files", "kept"),
        ("New", "taken"),
    ]
    await mine.apply(plan)
    assert urls(account) == [CINEMETA, OWN, LOCAL]
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
    assert changes(plan) == [("Cinemeta", "kept"), ("Headgate", "updated"), ("Local files", "kept")]
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
    assert ("New", "removed") in changes(plan)
    await mine.apply(plan)
    assert account.addons == before
    assert len((await mine.plans.backups(HERS)).items) == 2
    await mine.apply(await mine.plan("undo"))
    assert urls(account)[-1] == "https://new.example/manifest.json"


async def test_what_is_protected_stays_through_a_restore(mine: Parts, account: Account) -> None:
    await mine.apply(await mine.plan("move"))
    account.addons.append(descriptor("https://held.example/manifest.json", protected=True))
    (backup,) = (await mine.plans.backups(HERS)).items
    done = await mine.apply(await mine.plan("restore", backup_id=backup.id))
    assert done.state == "applied"
    assert urls(account) == [CINEMETA, ONE, LOCAL, TWO, THREE, "https://held.example/manifest.json"]


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
    assert urls(other) == [ONE]


async def test_a_list_of_a_thousand_is_moved_as_far_as_there_is_room(mine: Parts, account: Account) -> None:
    theirs = [f"https://addon-{number}.example/key/manifest.json" for number in range(1000)]
    account.addons = [descriptor(url, name=f"Addon {number}") for number, url in enumerate(theirs)]
    mine.shelf.at_most = 30
    plan = await mine.plan("move")
    assert len(plan.lines) == 1001
    done = await mine.apply(plan)
    assert done.state == "applied"
    assert "and 960 more" in done.problem
    held = list(mine.shelf.of("anna-p").values())
    assert len(held) == 30
    left = urls(account)
    assert left.count(OWN) == 1
    assert sorted([*held, *left]) == sorted([*theirs, OWN])
    await mine.apply(await mine.plan("undo"))
    assert urls(account) == theirs


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
    assert urls(account) == [CINEMETA, OWN, LOCAL]


async def test_the_hubs_addon_is_known_by_whatever_name_it_was_installed(
    mine: Parts, account: Account
) -> None:
    account.addons.insert(1, descriptor("http://nas.lan:8080/stremio/token-anna-p/manifest.json"))
    account.addons.append(descriptor(f"{BASE}/stremio/a-former-token/manifest.json"))
    await mine.apply(await mine.plan("move"))
    assert urls(account) == [CINEMETA, OWN, LOCAL]
    assert OWN not in mine.shelf.of("anna-p").values()


async def test_an_empty_list_gets_the_hubs_addon(mine: Parts, account: Account) -> None:
    account.addons = []
    await mine.apply(await mine.plan("move"))
    assert urls(account) == [OWN]


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
