"""Logging: structlog in front, the standard library's handlers behind, and no secret in any line."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler

import orjson
import structlog
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.web_protocol import RequestPayloadError
from structlog.typing import EventDict, Processor, WrappedLogger

from libs.common.errors import StartupRefused
from libs.common.report.events import EventRing
from libs.common.settings import CommonSettings
from libs.common.trace import current_trace

HIDDEN = "[hidden]"
KEPT_FILES = 5  # with the default 10 MiB each, 60 MiB on a small disk

# Parts of a key that say its value is a secret, whatever stands around them.
_SECRET_KEYS = re.compile(
    r"passw|passphrase|secret|token|authorization|cookie|credential|api_?key|private_?key|signature", re.I
)
# Upstream addresses carry secrets in path and query (an addon's configuration, an Xtream password).
_URLS = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)(?:[^\s/@'\"<>]*@)?([^\s/?#'\"<>]*)[^\s'\"<>)\]]*", re.I)
_BEARERS = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.I)
# Our own addresses that carry a token in their path.
_TOKEN_PATHS = re.compile(r"(/stremio/)[A-Za-z0-9_-]{16,}")


def configure(settings: CommonSettings) -> None:
    """Send every line to stderr and, if set, to a file that rotates by size. Called once, by `__main__`."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    handlers[0].setFormatter(_formatter(settings.log_format, colors=sys.stderr.isatty()))
    if settings.log_file is not None:
        handlers.append(_file_handler(settings))
    handlers += [_LineCounter(), EventRing()]
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
        former.close()
    for handler in handlers:
        root.addHandler(handler)
    level = logging.getLevelName(settings.log_level.upper())
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(_not_the_clients_fault)
    # Libraries are only heard when something is wrong: their chatter names addresses.
    for name in ("aiohttp", "asyncio", "alembic", "sqlalchemy", "aiosqlite"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


class _LineCounter(logging.Handler):
    """Counts lines by level: a process that complains more than usual shows on a dashboard."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[tuple[str, ...], float] = {(level,): 0.0 for level in ("info", "warning", "error")}

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else record.levelname.lower()
        self.lines[level,] = self.lines.get((level,), 0.0) + 1


def lines_by_level() -> Mapping[tuple[str, ...], float]:
    """How many lines this process has written since `configure`."""
    counters = (handler for handler in logging.getLogger().handlers if isinstance(handler, _LineCounter))
    counter = next(counters, None)
    return counter.lines if counter is not None else {}


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide values under telling keys, cut URLs to scheme and host, wherever they stand."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def clean_text(text: str) -> str:
    """`text` with URLs cut to scheme and host and credentials hidden."""
    if "://" in text:
        text = _URLS.sub(r"\1\2", text)
    if "/stremio/" in text:
        text = _TOKEN_PATHS.sub(rf"\1{HIDDEN}", text)
    return _BEARERS.sub(rf"\1 {HIDDEN}", text)


def _clean(key: str, value: object) -> object:
    if key == "exc_info" or isinstance(value, bool | int | float | None):
        return value
    if _SECRET_KEYS.search(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in value]
    return clean_text(value if isinstance(value, str) else str(value))


def _not_the_clients_fault(record: logging.LogRecord) -> bool:
    """Drop the traceback aiohttp writes for everyone who sends no HTTP, half a body, or goes away midway."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, BadHttpMessage | ConnectionError | RequestPayloadError)


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    trace = current_trace.get()
    if trace is not None:
        event.setdefault("request_id", trace.request_id)
        event.setdefault("trace_id", trace.trace_id)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        # Before redaction, so that what an exception says is cleaned like everything else.
        structlog.processors.format_exc_info,
        redact,
    ]


def _formatter(log_format: str, *, colors: bool) -> logging.Formatter:
    renderer: Processor
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(serializer=_dumps)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _dumps(event: EventDict, **_options: object) -> str:
    return orjson.dumps(event, default=str).decode()


def _file_handler(settings: CommonSettings) -> logging.Handler:
    path = settings.log_file
    assert path is not None  # noqa: S101  # the caller asked
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=settings.log_file_max_bytes, backupCount=KEPT_FILES, encoding="utf-8"
        )
    except OSError as error:
        raise StartupRefused(
            f"The log file {path} can't be written ({error.strerror}); set HEADGATE_LOG_FILE to another path."
        ) from error
    handler.setFormatter(_formatter(settings.log_format, colors=False))
    return handler
