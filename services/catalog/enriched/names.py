"""What an answer is kept under: everything that it depends on, and nothing of who asked."""

from __future__ import annotations

import hashlib

import msgspec

from libs.protocols.stremio.paths import Extra, ResourcePath, canonical_key
from services.catalog.identity.choices import Choices
from services.catalog.listing import Listing
from services.catalog.model import Owner
from services.catalog.rows.row import AnyRow, Row

EVERYBODY = "all"
"""The scope of an answer that nobody's own word went into. Others are named by a hash of whose it is, since
nothing of who asked outlasts their account.
"""


def page_name(row: AnyRow, extra: Extra, skip: int, listing: Listing, *, texts: bool) -> str:
    """`extra` as asked, its skip left to `skip`."""
    asked = tuple(pair for pair in extra if pair[0] != "skip")
    path = ResourcePath("catalog", row.own.type, row.own.id, (*asked, ("skip", str(skip))) if skip else asked)
    mode = "" if isinstance(row, Row) else row.stored.mode
    rows = [(each.addon.transport_hash, each.own.type, each.own.id) for each in row.members]
    # Only where several rows are put together does it count which of them take the question, which hangs on
    # what their owner left on, and which entries are one title.
    takes = [[extra.name for extra in each.own.extra] for each in row.members] if mode else []
    choices = _written(listing.titles) if mode else ()
    scope = _scope(listing.owner) if any(choices) else EVERYBODY
    return _name(path, [mode, rows, takes, choices, texts, listing.ratings], scope)


def title_name(listing: Listing, type_: str, id_: str, *, texts: bool) -> str:
    asked = [addon for addon in listing.enabled if addon.manifest.supports("meta", type_, id_)]
    hashes = [addon.transport_hash for addon in asked]
    # What TMDB tells is the same for everybody who asks it in one language.
    tmdb = listing.tmdb.choice if listing.tmdb.asks else None
    return _name(ResourcePath("meta", type_, id_), [hashes, texts, listing.ratings, tmdb], EVERYBODY)


def _name(path: ResourcePath, config: object, scope: str) -> str:
    return f"{path.resource}:{_hash(config)}:{canonical_key(path)}:{scope}"


def _scope(owner: Owner) -> str:
    return _hash([owner.account_id, owner.profile_id])


def _hash(parts: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


def _written(choices: Choices) -> tuple[object, ...]:
    return (choices.same, sorted((key, sorted(others)) for key, others in choices.apart.items()))
