"""How a provider is asked, sealed into one text that opens in its own row alone."""

from __future__ import annotations

import msgspec

from libs.addons.addon import AddressHash
from libs.common.contracts.handover import ProviderAccess
from libs.common.secrets import SecretBox
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

    def hashed(self, access: ProviderAccess) -> str:
        """The same for whatever is the same account there, whoever's it is here."""
        return self._address_hash(f"{access.kind} {access.url} {access.username}")


def sealed_context(provider_id: str) -> str:
    return f"library_providers:sealed:{provider_id}"
