"""Addresses of pictures led through a content delivery network, where the operator has one.

In the template `{url}` is the picture's address percent-encoded, `{plain_url}` as it is, `{host}` and
`{path}` (with its query) are its parts.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from urllib.parse import quote, urlsplit

import msgspec

from libs.addons.items import Item
from services.catalog.aggregate import Found, RowPage, Title

SHOWN = ("poster", "background", "logo")

_FIELD = re.compile(r"\{([^{}]*)\}")


class Pictures:
    """Without a template every address stays as it is, and nothing is read for it."""

    def __init__(self, template: str = "") -> None:
        """`template` as the settings have read it."""
        self._template = template
        self._own = template.partition("{")[0]
        self.name = hashlib.blake2b(template.encode(), digest_size=6).hexdigest() if template else ""
        """What answers with these addresses are told apart by."""

    def page(self, page: RowPage) -> RowPage:
        if not self._template or page.kind == "addons":
            return page
        return replace(page, items=tuple(self._item(item) for item in page.items))

    def found(self, found: Found) -> Found:
        if not self._template:
            return found
        places = tuple(replace(place, item=self._item(place.item)) for place in found.gathered.places)
        return replace(found, gathered=replace(found.gathered, places=places))

    def title(self, title: Title) -> Title:
        return replace(title, meta=self.in_meta(title.meta)) if self._template else title

    def of(self, url: str) -> str:
        if not self._template or not url.startswith(("https://", "http://")) or url.startswith(self._own):
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        values = {
            "url": quote(url, safe=""),
            "plain_url": url,
            "host": parts.netloc,
            "path": f"{parts.path}{query}",
        }
        return _FIELD.sub(lambda field: values[field[1]], self._template)

    def in_meta(self, meta: bytes) -> bytes:
        """The meta, or the preview of one, with its pictures' addresses rewritten."""
        if not self._template:
            return meta
        members = msgspec.json.decode(meta, type=dict[str, msgspec.Raw])
        shown = {name: msgspec.json.decode(members[name]) for name in SHOWN if name in members}
        new = {
            name: led for name, url in shown.items() if isinstance(url, str) and (led := self.of(url)) != url
        }
        return msgspec.json.encode({**members, **new}) if new else meta

    def _item(self, item: Item) -> Item:
        return Item(item.identity, self.in_meta(item.raw))
