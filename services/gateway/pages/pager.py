"""The way through a list that is longer than a page."""


def pager(here: str, cursor: str | None, after: str | None) -> dict[str, str | None]:
    """`first` and `next` for a template; `cursor` led to this page, `after` leads on."""
    return {
        "first": here if cursor else None,
        "next": f"{here}?cursor={after}" if after else None,
    }
