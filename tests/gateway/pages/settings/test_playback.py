"""Which sources come first: what the page shows, saves and refuses."""

from __future__ import annotations

from libs.common.contracts.source_settings import PATH, SourceSettings
from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser, Page
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.source_choices import REFUSED

HERE = "/settings/playback"
CHOSEN = SourceSettings(
    resolutions=(1080,),
    max_resolution=2160,
    max_film_bytes=10 * 1024**3,
    languages=("en", "fr"),
    only_languages=True,
    hdr="avoid",
    no_codecs=("av1",),
    no_qualities=("cam", "telesync"),
    exclude=("3d", "half sbs"),
    prefer_patterns=(r"\bremux\b",),
    per_resolution=5,
    addons_first=True,
    check_titles=False,
)


async def send(owner: Browser, *changes: tuple[str, str]) -> Page:
    """The page's own form, as it stands but for what is changed."""
    names = {name for name, _ in changes}
    kept = [field for field in (await owner.open(HERE)).forms[HERE] if field[0] not in {*names, "do"}]
    return await owner.send(HERE, [*kept, *changes])


async def test_what_holds_is_shown(owner: Browser, inner: Inner) -> None:
    inner.source_settings = CHOSEN
    page = await owner.open(HERE)
    fields = page.forms[HERE]
    assert [value for name, value in fields if name == "no_qualities"] == ["telesync", "cam"]
    assert {("max_film_bytes", "10"), ("languages", "en fr"), ("only_languages", "1")} <= set(fields)
    for text in ('<option value="1080" selected>1080p first', "half sbs</textarea>", r"\bremux\b</textarea>"):
        assert text in page.html


async def test_what_is_chosen_is_saved_and_taken_back(owner: Browser, inner: Inner) -> None:
    page = await send(
        owner,
        ("languages", "EN, fr"),
        ("max_film_bytes", "12,5"),
        ("no_qualities", "cam"),
        ("resolution", "720"),
        ("order", "addons"),
        ("exclude", "3d\r\n\r\nhalf sbs"),
    )
    assert "Saved. Sources are listed so from now on." in page.words
    assert inner.source_settings == SourceSettings(
        languages=("en", "fr"),
        max_film_bytes=int(12.5 * 1024**3),
        no_qualities=("cam",),
        resolutions=(720,),
        addons_first=True,
        exclude=("3d", "half sbs"),
    )
    await send(owner, ("do", "defaults"))
    assert inner.source_settings == SourceSettings()


async def test_what_cannot_be_is_said_at_its_field_and_stays_there(owner: Browser, inner: Inner) -> None:
    page = await send(owner, ("max_film_bytes", "plenty"))
    assert page.status == 422
    assert "Give a number of gigabytes, such as 12.5." in page.words
    assert 'value="plenty"' in page.html
    assert inner.source_settings == SourceSettings()


async def test_expression_that_is_refused_says_why(owner: Browser, inner: Inner) -> None:
    page = await send(owner, ("exclude_patterns", "("))
    assert page.status == 422
    assert REFUSED in page.words
    assert inner.source_settings == SourceSettings()


async def test_without_streaming_the_page_says_so(owner: Browser, inner: Inner) -> None:
    inner.failing[PATH] = Unavailable("The sources do not answer.")
    page = await owner.open(HERE)
    assert page.status == 503
