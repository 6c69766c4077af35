"""The state of the whole hub, gathered from every process within a second."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.client import SERVICE, RawAnswer, ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, UpstreamFailed
from libs.common.states import HubState, InstanceState, MissingProcess, ProcessState

WITHIN_S = 1.0
MAX_ASKED = 64
"""Processes asked in all; a hub has a dozen."""


class HubStates:
    """Asks each instance by itself. One that doesn't answer in time is told as missing, the rest is shown."""

    def __init__(
        self, own: Callable[[], ProcessState], clients: Sequence[ServiceClient], *, clock: Clock
    ) -> None:
        self._own = own
        self._clients = clients
        self._clock = clock

    async def gather(self, *, deadline: Deadline) -> HubState:
        until = deadline.sooner(WITHIN_S)
        own = self._own()
        everybody = self._everybody()
        told = await asyncio.gather(
            *(self._state_of(client, instance, until) for client, instance in everybody[:MAX_ASKED])
        )
        processes = {(one.service, one.instance): one for one in told if isinstance(one, ProcessState)}
        processes[own.service, own.instance] = own
        missing = [one for one in told if isinstance(one, MissingProcess)]
        missing += [_not_asked(client, instance) for client, instance in everybody[MAX_ASKED:]]
        heard_of = {service for service, _ in processes} | {one.service for one in missing}
        missing += [_nowhere(client) for client in self._clients if client.name not in heard_of]
        return HubState(
            at=self._clock.now(),
            partial=bool(missing),
            processes=tuple(state for _, state in sorted(processes.items())),
            missing=tuple(missing),
        )

    async def texts(self, raw_path: str, *, deadline: Deadline) -> dict[str, str]:
        """What each instance answers at an address of text, by service and place; those away or not
        asked, whom `gather` lists, are left out."""
        answers = await self.told("GET", raw_path, deadline=deadline.sooner(WITHIN_S))
        return {
            f"{instance.service} {instance.id}": answer.body.decode(errors="replace")
            for instance, answer in answers
            if isinstance(answer, RawAnswer)
        }

    async def told(
        self, method: str, raw_path: str, *, deadline: Deadline, body: bytes = b""
    ) -> list[tuple[InstanceState, RawAnswer | HeadgateError]]:
        """What each instance answers; what is no 200 is an error."""
        pairs = self._everybody()[:MAX_ASKED]
        answers = await asyncio.gather(
            *(self._asked(client, one, raw_path, deadline, method=method, body=body) for client, one in pairs)
        )
        return [(instance, answer) for (_, instance), answer in zip(pairs, answers, strict=True)]

    def _everybody(self) -> list[tuple[ServiceClient, InstanceState]]:
        return [(client, instance) for client in self._clients for instance in client.instances()]

    async def _state_of(
        self, client: ServiceClient, instance: InstanceState, until: Deadline
    ) -> ProcessState | MissingProcess:
        answer = await self._asked(client, instance, "/internal/state", until)
        if isinstance(answer, RawAnswer):
            try:
                return msgspec.json.decode(answer.body, type=ProcessState)
            except msgspec.DecodeError:
                # While versions differ, as during an upgrade.
                answer = UpstreamFailed("Its answer was not understood.")
        return MissingProcess(service=client.name, instance=instance.address, reason=str(answer))

    async def _asked(
        self,
        client: ServiceClient,
        instance: InstanceState,
        raw_path: str,
        until: Deadline,
        *,
        method: str = "GET",
        body: bytes = b"",
    ) -> RawAnswer | HeadgateError:
        try:
            answer = await client.raw(
                method,
                raw_path,
                identity=SERVICE,
                deadline=until,
                waits=False,
                instance=instance.id,
                headers={"Content-Type": "application/json"} if body else {},
                body=body or None,
            )
        except HeadgateError as error:
            return error
        if answer.status != 200:
            return UpstreamFailed(f"It answered {answer.status}.")
        return answer


def _nowhere(client: ServiceClient) -> MissingProcess:
    return MissingProcess(service=client.name, instance="", reason="No instance of it is known.")


def _not_asked(client: ServiceClient, instance: InstanceState) -> MissingProcess:
    reason = f"Not asked: there are more than {MAX_ASKED} processes."
    return MissingProcess(service=client.name, instance=instance.address, reason=reason)
