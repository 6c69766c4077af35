"""Lists of addons at Stremio: what may change in them, what comes of a plan, and how that is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from libs.common.contracts.stremio_account import Change, PlanLine
from libs.protocols.stremio.errors import InvalidTransportUrl
from libs.protocols.stremio.paths import normalise_transport_url
from libs.protocols.stremio_api.wire import Descriptor, meaning, means_same, new_descriptor, with_manifest
from services.sync.stremio.plan_body import Taken

NO_NAME: Final = "An addon without a name"
OFFICIAL: Final = "It is one of Stremio's own, and stays in its place."
PROTECTED: Final = "Stremio lets nobody remove it; it stays in its place."
NO_ADDRESS: Final = "It has no address that Headgate could ask."
TAKEN: Final = "It goes on in Headgate, which stands in its place."
MOST_NAMED: Final = 10
OWN: Final = "The one addon of this hub."

Slot = tuple[str, bool, bool] | tuple[()]


@dataclass(frozen=True, slots=True)
class Own:
    """The one addon of this hub for a profile: its address now, and how all that it ever had begin."""

    url: str
    prefix: str
    manifest: bytes

    def is_it(self, addon: Descriptor) -> bool:
        """By where this hub is reached now, or by the token alone: it may be reached in several ways."""
        ending = "/" + self.url.removeprefix(self.prefix)
        return addon.transport_url.startswith(self.prefix) or addon.transport_url.endswith(ending)

    def descriptor(self) -> Descriptor:
        return new_descriptor(self.url, self.manifest)


def takes(before: Sequence[Descriptor], own: Own) -> list[Taken]:
    """What a move takes over: all but this hub's own and what has to stay where it is."""
    found = list[Taken]()
    seen = set[str]()
    for addon in before:
        url = usable_url(addon)
        if url is None or own.is_it(addon) or why_stays(addon) or url in seen:
            continue
        seen.add(url)
        found.append(Taken(url, shown_name(addon)))
    return found


def usable_url(addon: Descriptor) -> str | None:
    """The address as Headgate would keep it."""
    try:
        return normalise_transport_url(addon.transport_url)
    except InvalidTransportUrl:
        return None


def why_stays(addon: Descriptor) -> str:
    """Why nothing replaces it; empty where something may."""
    if addon.official:
        return OFFICIAL
    if addon.protected:
        return PROTECTED
    return NO_ADDRESS if usable_url(addon) is None else ""


def moved(before: Sequence[Descriptor], own: Own, taken: Collection[str]) -> list[Descriptor]:
    """The list with the hub's one addon in the place of the first of those that it has taken, by address."""
    target = list[Descriptor]()
    had_own, is_placed = any(own.is_it(addon) for addon in before), False
    for addon in before:
        if own.is_it(addon):
            if not is_placed:
                target.append(with_manifest(addon, own.url, own.manifest))
            is_placed = True
        elif why_stays(addon) or usable_url(addon) not in taken:
            target.append(addon)
        elif not (had_own or is_placed):
            target.append(own.descriptor())
            is_placed = True
    return target if is_placed else [*target, own.descriptor()]


def pushed(before: Sequence[Descriptor], own: Own) -> list[Descriptor] | None:
    """The list with the hub's addon as it is now; None where it isn't in it."""
    if not any(own.is_it(addon) for addon in before):
        return None
    return moved(before, own, ())


def undone(
    now: Sequence[Descriptor], former: Sequence[Descriptor], written: Sequence[Descriptor], own: Own
) -> list[Descriptor]:
    """The former list, and behind it what was added since the change, but for the hub's own."""
    known = {key_of(addon) for addon in (*former, *written)}
    return [*former, *(each for each in now if key_of(each) not in known and not own.is_it(each))]


def restored(now: Sequence[Descriptor], former: Sequence[Descriptor]) -> list[Descriptor]:
    """The former list, and behind it what can't be removed."""
    known = {addon.transport_url for addon in former}
    return [*former, *(each for each in now if each.protected and each.transport_url not in known)]


def lines_of(
    before: Sequence[Descriptor],
    target: Sequence[Descriptor],
    own: Own,
    *,
    taken: Collection[str] = (),
) -> tuple[PlanLine, ...]:
    """The list as it will be, then what leaves it."""
    pool: dict[Slot, deque[Descriptor]] = {}
    for addon in before:
        pool.setdefault(_slot(addon, own), deque()).append(addon)
    lines = list[PlanLine]()
    for addon in target:
        matches = pool.get(_slot(addon, own))
        if not matches:
            lines.append(_line("added", addon, OWN if own.is_it(addon) else ""))
            continue
        is_kept = means_same(matches.popleft().raw, addon.raw)
        reason = OWN if own.is_it(addon) else why_stays(addon)
        lines.append(_line("kept" if is_kept else "updated", addon, reason))
    for addon in (each for matches in pool.values() for each in matches):
        is_taken = usable_url(addon) in taken and not own.is_it(addon)
        lines.append(_line("taken" if is_taken else "removed", addon, TAKEN if is_taken else ""))
    return tuple(lines)


def is_same_choice(left: Sequence[Descriptor], right: Sequence[Descriptor]) -> bool:
    """Whether the same addons stand in the same order with the same flags, whatever their manifests say: a
    list that was written may come back with newer ones."""
    return [key_of(each) for each in left] == [key_of(each) for each in right]


def key_of(addon: Descriptor) -> tuple[str, bool, bool]:
    return (addon.transport_url or meaning(addon.raw).hex(), addon.official, addon.protected)


def masked(transport_url: str) -> str:
    """The address with everything hidden that may be a key: user, path and query."""
    try:
        split = urlsplit(transport_url)
        host, port = split.hostname or "", split.port
    except ValueError:
        host, port = "", None
    if not host or not host.isprintable():
        return ""
    shown = f"[{host}]" if ":" in host else host[:200]
    bare = split.path == "/manifest.json" and not split.query
    return f"{split.scheme}://{shown}{f':{port}' if port else ''}/{'' if bare else '•••/'}manifest.json"


def shown_name(addon: Descriptor) -> str:
    return addon.name or addon.manifest_id or NO_NAME


def reasons_text(left: Mapping[str, str]) -> str:
    """What is said of addons that could not be taken, by name."""
    if not left:
        return ""
    listed = [f"{name} ({reason.rstrip('.')})" for name, reason in list(left.items())[:MOST_NAMED]]
    more = f", and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    return f"Left in Stremio, since Headgate could not take it over: {', '.join(listed)}{more}."


def _slot(addon: Descriptor, own: Own) -> Slot:
    """All addresses of the hub's own addon are of one."""
    return () if own.is_it(addon) else key_of(addon)


def _line(change: Change, addon: Descriptor, reason: str) -> PlanLine:
    return PlanLine(
        change=change,
        name=shown_name(addon),
        address=masked(addon.transport_url),
        official=addon.official,
        protected=addon.protected,
        reason=reason,
    )
