"""What a manager of processes hands to one it starts: a socket to listen on, and where to say it is ready.

The socket is the manager's: it outlives the process, so connections that come during a restart wait in its
queue or go to the process that was started beside this one. systemd does both under the names used here.
It need not listen yet: the process that serves it makes it, once it can answer.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from libs.common.errors import StartupRefused

SYSTEMD_FIRST_FD = 3
READY = b"READY=1"


def activated_fd(environment: Mapping[str, str]) -> int:
    """The socket systemd hands to this very process (`LISTEN_FDS`, `LISTEN_PID`); 0 when there is none."""
    is_ours = environment.get("LISTEN_PID") == str(os.getpid())
    return SYSTEMD_FIRST_FD if is_ours and environment.get("LISTEN_FDS", "0") != "0" else 0


def inherited_socket(fd: int) -> socket.socket:
    """The stream socket under that number, bound by who started us. Raises StartupRefused if it is none."""
    try:
        inherited = socket.socket(fileno=fd)
    except OSError as error:
        raise StartupRefused(
            f"Descriptor {fd} is not a socket; set HEADGATE_LISTEN_FD to one this process was started with."
        ) from error
    if inherited.type != socket.SOCK_STREAM:
        inherited.detach()
        raise StartupRefused(f"The socket under descriptor {fd} can't listen; check HEADGATE_LISTEN_FD.")
    inherited.setblocking(False)
    return inherited


def tell_ready(notify_socket: str) -> None:
    """Say "ready" at `NOTIFY_SOCKET` as systemd expects it; an abstract name begins with @."""
    address = "\0" + notify_socket[1:] if notify_socket.startswith("@") else notify_socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(READY, address)
