"""Which addresses are blocked now: the look-up that every request pays for."""

from collections.abc import Iterable, Sequence

from libs.common.clock import Clock
from libs.common.networks import IPNetwork, network_around, parse_address, parse_network
from services.gateway.abuse.model import Allowed, Block, name_of

MOST_VERDICTS = 8192
MOST_BLOCKS = 5_000
Verdict = tuple[bool, Block | None]
NOBODY: Verdict = (True, None)


class Blocks:
    """The blocks and allowed networks this gateway knows. Allowed wins over blocked.

    A verdict is remembered by address until the next change, so that it costs one look into a dict.
    """

    def __init__(self, exempt: Sequence[IPNetwork], *, clock: Clock) -> None:
        self._exempt = tuple(exempt)
        self._clock = clock
        self._by_network: dict[str, Block] = {}
        self._allowed: dict[str, Allowed] = {}
        self._allowed_networks: tuple[IPNetwork, ...] = ()
        self._lengths: set[tuple[int, int]] = set()
        self._verdicts: dict[str, Verdict] = {}

    @property
    def has_any(self) -> bool:
        return bool(self._by_network)

    def find(self, address: str) -> Block | None:
        """The block that holds for this address."""
        if not self._by_network:
            return None
        block = self._verdict(address)[1]
        return block if block is not None and block.expires_at > self._clock.now() else None

    def is_exempt(self, address: str) -> bool:
        """Never blocked, and nothing it does counts; also the other end of a Unix socket."""
        return self._verdict(address)[0]

    def touches_exempt(self, network: IPNetwork) -> bool:
        return any(
            network.version == other.version and network.overlaps(other)
            for other in (*self._exempt, *self._allowed_networks)
        )

    def blocks(self) -> list[Block]:
        """What holds now, the latest decision first."""
        now = self._clock.now()
        live = [block for block in self._by_network.values() if block.expires_at > now]
        return sorted(live, key=lambda block: block.created_at, reverse=True)

    def allowed(self) -> list[Allowed]:
        return list(self._allowed.values())

    def block_by_id(self, block_id: str) -> Block | None:
        return next((block for block in self.blocks() if block.id == block_id), None)

    def allowed_by_id(self, allowed_id: str) -> Allowed | None:
        return self._allowed.get(allowed_id)

    def replace(self, blocks: Iterable[Block], allowed: Iterable[Allowed]) -> None:
        """From now on these; beyond `MOST_BLOCKS` those that end first are left out."""
        now = self._clock.now()
        live = sorted((block for block in blocks if block.expires_at > now), key=lambda b: b.expires_at)
        self._by_network = {block.network: block for block in live[-MOST_BLOCKS:]}
        self._allowed = {one.id: one for one in allowed}
        self._allowed_networks = tuple(parse_network(one.network) for one in self._allowed.values())
        self._lengths = {_length_of(network) for network in self._by_network}
        self._verdicts = {}

    def put(self, block: Block) -> None:
        if len(self._by_network) >= MOST_BLOCKS:
            self.replace([*self._by_network.values(), block], self._allowed.values())
            return
        self._by_network[block.network] = block
        self._lengths.add(_length_of(block.network))
        self._verdicts = {}

    def drop(self, network: str) -> None:
        kept = [block for block in self._by_network.values() if block.network != network]
        self.replace(kept, self._allowed.values())

    def put_allowed(self, allowed: Allowed) -> None:
        self.replace(self._by_network.values(), [*self._allowed.values(), allowed])

    def drop_allowed(self, allowed_id: str) -> None:
        kept = [one for one in self._allowed.values() if one.id != allowed_id]
        self.replace(self._by_network.values(), kept)

    def _verdict(self, address: str) -> Verdict:
        verdict = self._verdicts.get(address)
        if verdict is None:
            if len(self._verdicts) >= MOST_VERDICTS:
                self._verdicts.clear()
            verdict = self._verdicts[address] = self._judge(address)
        return verdict

    def _judge(self, text: str) -> Verdict:
        address = parse_address(text)
        if address is None:
            return NOBODY
        if any(address in network for network in (*self._exempt, *self._allowed_networks)):
            return NOBODY
        found: Block | None = None
        for version, length in self._lengths:
            if version == address.version:
                block = self._by_network.get(name_of(network_around(address, length)))
                if block is not None and (found is None or block.expires_at > found.expires_at):
                    found = block
        return (False, found)


def _length_of(network: str) -> tuple[int, int]:
    """Version and prefix length, by the look of a name of ours."""
    version = 6 if ":" in network else 4
    length = network.partition("/")[2]
    return version, int(length) if length else (128 if version == 6 else 32)
