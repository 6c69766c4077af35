"""Links on their page: added, listed, removed, without JavaScript."""

from tests.gateway.pages.browser import Browser

LINK = {"url": "https://nas.example/m.mkv?key=secret", "type": "movie", "video_id": "tt0017136"}


async def test_link_is_listed_by_its_server_alone_and_removed(owner: Browser) -> None:
    await owner.open("/links")
    page = await owner.submit("/links", **LINK, name="Metropolis, restored")
    assert (page.status, page.path) == (200, "/links")
    assert "Added." in page.words
    assert "Metropolis, restored" in page.words
    assert "at nas.example" in page.words
    assert "secret" not in page.html
    page = await owner.submit("/links/link-0/remove")
    assert "You have no links." in page.words
    page = await owner.send("/links/link-0/remove", [("csrf_token", page.forms["/links"][0][1])])
    assert (page.status, "There is no such link." in page.words) == (404, True)


async def test_what_was_typed_comes_back_with_what_is_wrong(owner: Browser) -> None:
    await owner.open("/links")
    page = await owner.submit("/links", **(LINK | {"url": "nonsense"}))
    assert page.status == 422
    assert "Not an address." in page.words
    assert 'value="nonsense"' in page.html
    assert 'value="tt0017136"' in page.html


async def test_page_of_a_title_may_fill_in_what_it_knows(owner: Browser) -> None:
    page = await owner.open("/links?type=series&video_id=tt0944947:1:2&name=%22%3E%3Cb%3E")
    assert 'value="tt0944947:1:2"' in page.html
    assert '<option value="series" selected>' in page.html
    assert "<b>" not in page.html


async def test_links_stand_beside_the_other_sources(owner: Browser) -> None:
    for path in ("/sources", "/accounts", "/links"):
        page = await owner.open(path)
        assert "/links" in page.links
