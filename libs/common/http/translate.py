"""Turning what the HTTP library raises, which may quote whole URLs, into errors that never do."""

import socket

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientOSError,
    ClientPayloadError,
    ClientResponseError,
    ClientSSLError,
    InvalidURL,
    ServerDisconnectedError,
)

from libs.common.http.errors import (
    BadAnswer,
    BlockedAddress,
    ConnectionReset,
    FetchError,
    InvalidUrl,
    NameNotFound,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from libs.common.http.guard import AddressRefused

# Everything a request and the reading of its body may raise besides FetchError.
TRANSPORT_ERRORS = (ClientError, OSError, TimeoutError)


def translate(error: ClientError | OSError, host: str) -> FetchError:  # noqa: PLR0911  # a table
    """The FetchError for one of TRANSPORT_ERRORS; raise it outside the handler, or the URL is its context."""
    match error:
        case TimeoutError():
            return TimedOut(f"{host} did not answer in time.")
        case InvalidURL():
            return InvalidUrl("This is not a web address: its host can't be read.")
        case ClientSSLError():
            return TlsFailed(
                f"{host} could not prove who it is: its certificate or TLS settings were refused."
            )
        case ClientConnectorError():
            return _translate_connect(error, host)
        case ClientResponseError():
            return BadAnswer(f"{host} does not speak proper HTTP.")
        case ServerDisconnectedError() | ClientOSError() | ClientPayloadError() | OSError():
            return ConnectionReset(f"{host} broke the connection before its answer was complete.")
        case _:
            return BadAnswer(f"{host} gave an answer that can't be read.")


def _translate_connect(error: ClientConnectorError, host: str) -> FetchError:
    cause = error.os_error
    if isinstance(cause, AddressRefused):
        return BlockedAddress(cause.sentence)
    if isinstance(error, ClientConnectorDNSError) and cause.errno != socket.EAI_AGAIN:
        return NameNotFound(f"There is no server by the name {host}.")
    return Unreachable(f"{host} can't be reached.")
