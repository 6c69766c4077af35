"""The addresses of viewing state's pages and buttons."""

from __future__ import annotations

from libs.common.web import Endpoint
from services.gateway.pages.routing import closed, part
from services.gateway.pages.viewing import buttons, lists


def viewing_pages() -> list[Endpoint]:
    return [
        closed("GET", f"{lists.HERE}/{{list}}", lists.show_list, "A list of what is or was watched"),
        part("POST", lists.HERE, buttons.send_list, "Take a title out of a list from the page"),
        part("POST", f"{lists.HERE}/undo", buttons.send_undo, "Undo what was done from a page"),
        part("POST", "/title/{type}/{id}/viewing", buttons.send_title, "Mark a title from its page"),
    ]
