"""The addresses of the watch page."""

from libs.common.web import Endpoint
from services.gateway.pages.routing import closed, part
from services.gateway.pages.watch import file, page

HERE = "/watch/{type}/{video_id}"


def watch_pages() -> list[Endpoint]:
    return [
        closed("GET", HERE, page.show_watch, "Watch a film or an episode"),
        part("GET", f"{HERE}/sources", page.send_sources, "Its sources, as a fragment"),
        part("GET", f"{HERE}/file", file.send_file, "The film, for a browser without JavaScript"),
    ]
