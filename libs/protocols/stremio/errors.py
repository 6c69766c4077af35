"""What can be wrong with what an addon says.

StremioError
├── InvalidPath           a request path that names no resource
├── InvalidTransportUrl   an address no addon can have
├── ManifestError         a manifest that cannot be used
└── AnswerError           an answer that cannot be used: reason not_json, html or wrong_shape

A status other than 200 and everything below HTTP is libs.common.http.FetchError.
Every message is a plain sentence for people and holds no address.
"""

from __future__ import annotations

from typing import Literal

AnswerReason = Literal["not_json", "html", "wrong_shape"]


class StremioError(Exception):
    """Root of the tree; `reason` is a stable short code.

    `is_failure` and `is_retryable` mean what they mean on FetchError: a broken answer speaks against
    the addon's health, and asking again at once has no fair chance.
    """

    reason: str = "stremio"
    is_failure: bool = True
    is_retryable: bool = False


class InvalidPath(StremioError):
    reason = "invalid_path"
    is_failure = False


class InvalidTransportUrl(StremioError):
    reason = "invalid_url"
    is_failure = False


class ManifestError(StremioError):
    """`reason` tells a page of HTML and a body that is not JSON from a manifest of the wrong shape."""

    def __init__(self, message: str, *, reason: str = "invalid_manifest") -> None:
        super().__init__(message)
        self.reason = reason


class AnswerError(StremioError):
    def __init__(self, message: str, *, reason: AnswerReason) -> None:
        super().__init__(message)
        self.reason = reason
