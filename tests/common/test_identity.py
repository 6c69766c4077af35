"""The signed identity header: ours and fresh, or refused."""

from __future__ import annotations

import base64

import pytest

from libs.common.contracts.client import FOR_ANYBODY, SERVICE
from libs.common.errors import Unauthenticated
from libs.common.identity import ANONYMOUS, Identity, IdentitySigner
from libs.common.secrets import SecretKey
from tests.fakes.clock import ManualClock

KEY = SecretKey.from_text("k" * 32)
OWNER = Identity("acc_1", "pro_1", "premium", ("owner",))


def test_a_signed_identity_comes_back_whole(clock: ManualClock) -> None:
    signer = IdentitySigner(KEY, clock)
    assert signer.verify(signer.sign(OWNER)) == OWNER


@pytest.mark.parametrize(
    ("identity", "is_known"),
    [
        (OWNER, True),
        (OWNER.as_service(), True),
        (SERVICE, True),
        (ANONYMOUS, False),
        (ANONYMOUS.as_service(), False),
        (FOR_ANYBODY, False),
    ],
)
def test_a_service_that_asks_for_a_stranger_is_as_unknown_as_they_are(
    identity: Identity, is_known: bool, clock: ManualClock
) -> None:
    signer = IdentitySigner(KEY, clock)
    assert signer.verify(signer.sign(identity)).is_known == is_known


def test_services_with_one_key_understand_each_other(clock: ManualClock) -> None:
    header = IdentitySigner(KEY, clock).sign(OWNER)
    assert IdentitySigner(SecretKey.from_text("k" * 32), clock).verify(header) == OWNER


def test_an_identity_ends_with_its_time(clock: ManualClock) -> None:
    signer = IdentitySigner(KEY, clock)
    header = signer.sign(OWNER, ttl_s=60)
    clock.advance(60 + 59)  # its time, and what the clocks may differ by
    assert signer.verify(header) == OWNER
    clock.advance(2)
    with pytest.raises(Unauthenticated, match="expired"):
        signer.verify(header)


@pytest.mark.parametrize("ahead_s", [-60, 60])
def test_clocks_may_differ_by_a_minute(clock: ManualClock, ahead_s: float) -> None:
    other = ManualClock()
    other.advance(clock.time() - other.time() + ahead_s)
    header = IdentitySigner(KEY, clock).sign(OWNER)
    clock.advance(30)  # on its way for as long as a call may take
    other.advance(30)
    assert IdentitySigner(KEY, other).verify(header) == OWNER


def test_another_installation_is_not_believed(clock: ManualClock) -> None:
    header = IdentitySigner(SecretKey.from_text("o" * 32), clock).sign(OWNER)
    with pytest.raises(Unauthenticated, match="not signed by this installation"):
        IdentitySigner(KEY, clock).verify(header)


def test_a_changed_role_breaks_the_signature(clock: ManualClock) -> None:
    signer = IdentitySigner(KEY, clock)
    raw = base64.urlsafe_b64decode(signer.sign(Identity("acc_1", "pro_1", "free", ("guest",))))
    forged = base64.urlsafe_b64encode(raw.replace(b"guest", b"owner")).decode()
    with pytest.raises(Unauthenticated):
        signer.verify(forged)


@pytest.mark.parametrize("header", ["", "x", "é", "====", "a" * 200, "AAAA"])
def test_nonsense_is_refused(header: str, clock: ManualClock) -> None:
    with pytest.raises(Unauthenticated):
        IdentitySigner(KEY, clock).verify(header)


def test_acting_as_a_service_keeps_the_account() -> None:
    acting = OWNER.as_service()
    assert acting.account_id == OWNER.account_id
    assert acting.roles == ("owner", "service")
    assert acting.as_service() is acting


def test_nobody_is_anonymous() -> None:
    assert ANONYMOUS.is_anonymous
    assert not OWNER.is_anonymous
