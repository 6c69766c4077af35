"""How a provider is asked, sealed into one text that opens in its own row alone."""

from __future__ import annotations

import msgspec

from libs.addons.addon import AddressHash
from libs.common.contracts.handover import ProviderAccess
from libs.common.contracts.library import NewM3uAccount, NewXtreamAccount, ProviderKind
from libs.common.errors import InvalidInput
from libs.common.secrets import SecretBox
from services.catalog.library.pasted import m3u_access, xtream_access
from services.catalog.library_model import Provider


class _Sealed(msgspec.Struct, frozen=True, omit_defaults=True):
    url: str
    username: str = ""
    password: str = ""
    guide_url: str = ""
    user_agent: str = ""

    def __repr__(self) -> str:
        return "_Sealed(hidden)"


class Sealing:
    def __init__(self, box: SecretBox, address_hash: AddressHash) -> None:
        self._box = box
        self._address_hash = address_hash

    def sealed(self, access: ProviderAccess) -> bytes:
        text = _Sealed(access.url, access.username, access.password, access.guide_url, access.user_agent)
        return self._box.seal(msgspec.json.encode(text), context=sealed_context(access.id))

    def opened(self, provider: Provider) -> ProviderAccess:
        """Raises SecretsError."""
        text = self._box.open(provider.sealed, context=sealed_context(provider.id))
        return ProviderAccess(
            id=provider.id,
            kind=provider.kind,
            name=provider.name,
            zone=provider.zone,
            **msgspec.structs.asdict(msgspec.json.decode(text, type=_Sealed)),
        )

    def moved(self, id_: str, secret: str, *, kind: ProviderKind, name: str) -> ProviderAccess:
        """What another hub sealed, checked as if somebody had typed it. Raises InvalidInput, NotAProvider."""
        try:
            told = msgspec.json.decode(secret, type=_Sealed)
            if kind == "xtream":
                pasted = NewXtreamAccount(
                    url=told.url, name=name, username=told.username, password=told.password
                )
                access = xtream_access(id_, msgspec.convert(msgspec.to_builtins(pasted), NewXtreamAccount))
            else:
                listed = NewM3uAccount(
                    url=told.url, name=name, guide_url=told.guide_url, user_agent=told.user_agent
                )
                access = m3u_access(id_, msgspec.convert(msgspec.to_builtins(listed), NewM3uAccount))
        except msgspec.MsgspecError:
            raise InvalidInput("This is no account at a provider.") from None
        return msgspec.structs.replace(access, user_agent=told.user_agent)

    def hashed(self, access: ProviderAccess) -> str:
        """The same for whatever is the same account there, whoever's it is here."""
        return self._address_hash(f"{access.kind} {access.url} {access.username}")


def sealed_context(provider_id: str) -> str:
    return f"library_providers:sealed:{provider_id}"
