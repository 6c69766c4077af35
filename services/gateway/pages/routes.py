"""Every page's address."""

from libs.common.web import Endpoint
from services.gateway.pages import (
    browse,
    connect,
    gate,
    home,
    links,
    reference,
    register,
    rows,
    source_health,
    sources,
    title,
    together,
)
from services.gateway.pages.admin.routes import admin_pages
from services.gateway.pages.connections.routes import connection_pages
from services.gateway.pages.library.routes import library_pages
from services.gateway.pages.routing import closed, opened, part
from services.gateway.pages.settings.routes import settings_pages
from services.gateway.pages.static import send_asset
from services.gateway.pages.viewing.routes import viewing_pages
from services.gateway.pages.watch.routes import watch_pages


def page_endpoints() -> list[Endpoint]:
    """Public to the edge, since a page that needs somebody signed in shows the way there itself."""
    return [
        opened("GET", "/setup", gate.show_setup, "Set-up page"),
        opened("POST", "/setup", gate.send_setup, "Create the owner from the set-up page"),
        opened("GET", "/login", gate.show_login, "Sign-in page"),
        opened("POST", "/login", gate.send_login, "Sign in from the page"),
        opened("POST", "/logout", gate.send_logout, "Sign out from a page"),
        opened("GET", "/register", register.show_register, "Page to create an account"),
        opened("POST", "/register", register.send_register, "Create an account from the page"),
        opened("GET", "/docs", reference.show_reference, "API reference"),
        closed("GET", "/", home.show_home, "Home"),
        part("GET", "/rows/{type}/{catalog_id}", rows.send_row, "One row of posters, as a fragment"),
        closed("GET", "/browse/{type}", home.show_type, "Rows of one type"),
        closed("GET", "/browse/{type}/{catalog_id}", browse.show_browse, "One row in full"),
        closed("GET", "/search", browse.show_search, "Search across all addons"),
        closed("GET", "/title/{type}/{id}", title.show_title, "One title"),
        part("GET", "/title/{type}/{id}/sources", title.send_sources, "Its sources, as a fragment"),
        closed("POST", "/title/{type}/{id}/same", together.send_choice, "Say which entries are one title"),
        closed("GET", "/sources", sources.show_sources, "Addons"),
        closed("POST", "/sources", sources.send_addon, "Add an addon from the page"),
        closed("GET", "/sources/{addon_id}", source_health.show_health, "How an addon has been answering"),
        closed("POST", "/sources/{addon_id}/{change}", sources.send_change, "Change an addon from the page"),
        closed("GET", "/links", links.show_links, "Links"),
        closed("POST", "/links", links.send_link, "Add a link from the page"),
        closed("POST", "/links/{link_id}/remove", links.send_removal, "Remove a link from the page"),
        closed("GET", "/connect", connect.show_connect, "Install in Stremio"),
        part("GET", "/connect/qr.svg", connect.send_qr, "The install link as a QR code"),
        part("POST", "/connect/rotate", connect.send_rotate, "Replace the address from the page"),
        part("POST", "/connect/login/rotate", connect.send_rotate_login, "Replace the password of IPTV apps"),
        *watch_pages(),
        *viewing_pages(),
        *library_pages(),
        *settings_pages(),
        *connection_pages(),
        *admin_pages(),
        Endpoint(
            method="GET",
            path="/static/{version}/{name:.+}",
            handler=send_asset,
            summary="Style sheets and scripts",
            access="public",
            documented=False,
        ),
    ]
