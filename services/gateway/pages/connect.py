"""What players want: the addon's address, masked, as links and as a QR code; the login of IPTV apps; and how
both are reached from elsewhere."""

from aiohttp import web
from yarl import URL

from libs.common.http import is_loopback
from libs.common.identity import Identity
from libs.common.settings import DEFAULT_PORTS
from services.gateway.address import is_https
from services.gateway.install import (
    player_addresses,
    rotate_player_login,
    rotate_stremio_url,
    stremio_url,
)
from services.gateway.keys import SETTINGS
from services.gateway.pages.draw import qr_svg
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form

HERE = "/connect"
DOTS = "••••••••••••"


async def show_connect(request: web.Request, identity: Identity) -> web.Response:
    address = await stremio_url(request, identity)
    common = request.app[SETTINGS].common
    context = {
        "address": address,
        "masked": masked(address),
        "install_link": install_link(address),
        "https": is_https(request),
        "loopback_only": is_loopback(common.host),
        "here_only": is_loopback(URL(address).host or ""),
        "port": common.port,
        # What the hub was started with is said again, or the next start is at another port.
        "port_setting": "" if common.port == DEFAULT_PORTS["gateway"] else f"HEADGATE_PORT={common.port} ",
        "players": await player_addresses(request, identity),
    }
    return render_page(request, "connect.html", context)


async def send_qr(request: web.Request, identity: Identity) -> web.Response:
    """The install link as a picture. It is as secret as the address: never kept by any cache."""
    drawn = qr_svg(install_link(await stremio_url(request, identity)))
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=drawn, content_type="image/svg+xml", headers=headers)


async def send_rotate(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    await rotate_stremio_url(request, identity)
    return go(HERE, said="rotated")


async def send_rotate_login(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    await rotate_player_login(request, identity)
    return go(HERE, said="login_rotated")


def install_link(address: str) -> str:
    """What opens Stremio with the addon's page. This scheme can't say http or https: Stremio chooses."""
    return "stremio://" + address.partition("://")[2]


def masked(address: str) -> str:
    """The address with its secret part hidden."""
    url = URL(address)
    secret = url.path.split("/")[2]
    return address.replace(secret, DOTS)
