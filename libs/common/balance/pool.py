"""The instances of one service: who is in rotation, and whose turn it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

import structlog

from libs.common.balance.addresses import MAX_INSTANCES
from libs.common.balance.figures import Figures
from libs.common.balance.member import Member
from libs.common.balance.model import BalancePolicy
from libs.common.clock import Clock
from libs.common.states import InstanceState
from libs.common.tasks import Tasks

log = structlog.get_logger(__name__)

Choose = Callable[[Sequence[Member]], Member]


class Pool:
    """Least outstanding requests among those in rotation; of equals, one by lot.

    Out of rotation is who drains, who fails its checks, and who was ejected, which is never more than half.
    If that leaves nobody, a call goes to those ejected, and if all fail or drain, to anybody: checks that
    everybody fails say more about the checks, or the database, than about an instance.
    """

    def __init__(
        self,
        service: str,
        *,
        clock: Clock,
        tasks: Tasks,
        policy: BalancePolicy | None = None,
        figures: Figures | None = None,
        choose: Choose = random.choice,
    ) -> None:
        self.service = service
        self.policy = policy or BalancePolicy()
        self.figures = figures
        self._clock = clock
        self._tasks = tasks
        self._choose = choose
        self._members: dict[str, Member] = {}

    @property
    def members(self) -> Sequence[Member]:
        return tuple(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def set(self, urls: Iterable[str]) -> None:
        """These are the instances now. Who is no longer among them finishes what it was asked."""
        wanted = dict.fromkeys(sorted(urls)[:MAX_INSTANCES])
        for url in [url for url in self._members if url not in wanted]:
            self._part_with(self._members.pop(url))
        for url in wanted:
            if url not in self._members:
                self._members[url] = self._welcome(url)

    def _welcome(self, url: str) -> Member:
        ejected = self.figures.ejection if self.figures is not None else None
        member = Member(self.service, url, clock=self._clock, policy=self.policy, ejected=ejected)
        if self.figures is not None:
            self.figures.watch(member)
        log.info("instance_joined", service=self.service, instance=member.label)
        return member

    def _part_with(self, member: Member) -> None:
        log.info("instance_gone", service=self.service, instance=member.label)
        member.gone = True
        if self.figures is not None:
            self.figures.forget(member.label)
        self.close_if_done(member)

    def close_if_done(self, member: Member) -> None:
        """Close one that is gone, once nobody waits for it any more."""
        if member.gone and not member.outstanding:
            self._tasks.spawn("close_instance", member.aclose())

    def pick(self, tried: Sequence[Member] = ()) -> Member | None:
        """Who is asked next; after a first try, only somebody in rotation who was not asked yet."""
        if len(self._members) == 1 and not tried:
            return next(iter(self._members.values()))
        if tried:
            candidates = [member for member in self.rotation() if member not in tried]
        else:
            ready = [member for member in self._members.values() if member.ready]
            candidates = self.rotation() or ready or list(self._members.values())
        if not candidates:
            return None
        least = min(member.outstanding for member in candidates)
        return self._choose([member for member in candidates if member.outstanding == least])

    def rotation(self) -> list[Member]:
        members = list(self._members.values())
        if all(member.ready and member.admits for member in members):
            return members
        ejected = self.ejected()
        return [member for member in self._members.values() if member.ready and member not in ejected]

    def has_another(self, tried: Sequence[Member]) -> bool:
        """Whether somebody is in rotation who was not asked yet."""
        if len(self._members) < 2:
            return False
        return any(member not in tried for member in self.rotation())

    def ejected(self) -> list[Member]:
        """Of those whose breakers are open, the half of all that may be left alone at a time."""
        most = int(len(self._members) * self.policy.max_ejected)
        shut = [member for member in self._members.values() if not member.admits]
        return sorted(shut, key=lambda member: -member.ejected_for_s)[:most]

    def snapshot(self) -> tuple[InstanceState, ...]:
        """Every instance, by address."""
        ejected = self.ejected()
        members = sorted(self._members.values(), key=lambda member: member.url)
        return tuple(member.shown(ejected=member in ejected) for member in members)

    async def aclose(self) -> None:
        for member in self._members.values():
            await member.aclose()
