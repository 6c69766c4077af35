"""A browser without JavaScript: keeps cookies, follows redirects, sends forms with their hidden fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient


class _Reader(HTMLParser):
    """Text, links, ids and forms of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self._form: list[tuple[str, str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self._form = self.forms.setdefault(values.get("action", ""), [])
        elif tag == "input" and self._form is not None and "name" in values and _is_sent(values):
            self._form.append((values["name"], values.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


def _is_sent(values: dict[str, str]) -> bool:
    return values.get("type") != "checkbox" or "checked" in values


@dataclass
class Page:
    """What came back, after redirects."""

    status: int
    path: str
    html: str
    headers: dict[str, str]
    words: str
    links: list[str]
    forms: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


class Browser:
    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client
        self.page: Page | None = None

    async def open(self, path: str, **headers: str) -> Page:
        async with self.client.get(path, headers={"Accept": "text/html", **headers}) as answer:
            return await self._read(answer)

    async def submit(self, action: str, **changes: str) -> Page:
        """Send the form of the present page with this action; `changes` are what was typed."""
        assert self.page is not None
        fields = [(name, value) for name, value in self.page.forms[action] if name not in changes]
        return await self.send(action, [*fields, *changes.items()])

    async def send(self, action: str, fields: list[tuple[str, str]], **headers: str) -> Page:
        async with self.client.post(
            action, data=fields, headers={"Accept": "text/html", **headers}
        ) as answer:
            return await self._read(answer)

    async def send_form(self, action: str, form: aiohttp.FormData) -> Page:
        """One with a file."""
        async with self.client.post(action, data=form, headers={"Accept": "text/html"}) as answer:
            return await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> Page:
        html = await answer.text()
        reader = _Reader()
        reader.feed(html)
        self.page = Page(
            status=answer.status,
            path=answer.url.path,
            html=html,
            headers={name.lower(): value for name, value in answer.headers.items()},
            words=" ".join(" ".join(reader.words).split()),
            links=reader.links,
            forms=reader.forms,
        )
        return self.page
