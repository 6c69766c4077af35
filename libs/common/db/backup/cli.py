"""`python -m services backup FILE` and `restore FILE`, for operators and their timers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from libs.common.data_dir import data_dir_held
from libs.common.db.backup import sqlite
from libs.common.db.backup.archive import KEY_MEMBER, OWNER_ONLY, Archive, Manifest, Writer, opened
from libs.common.db.backup.key import Key
from libs.common.db.history import History, services_with_histories
from libs.common.errors import StartupRefused
from libs.common.secrets import SecretBox
from libs.common.settings import CommonSettings, Env, data_dir_of, key_file

USAGE = """\
usage: python -m services backup FILE     everything the hub keeps as one file; it may run meanwhile
       python -m services restore FILE    make the hub what the file holds; stop it before
FILE holds what your users entrusted to you and is a secret itself.
"""
ENGINES = {"sqlite": "SQLite files", "postgresql": "PostgreSQL"}


def backup_command(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """`argv` begins with the verb. The exit status: 0 done, 1 refused, 2 not understood."""
    if len(argv) != 2 or argv[1] in {"-h", "--help", "help"}:
        asked = len(argv) == 2
        (sys.stdout if asked else sys.stderr).write(USAGE)
        return 0 if asked else 2
    path = Path(argv[1])
    try:
        if argv[0] == "backup":
            _back_up(path, env)
        else:
            _restore(path, env)
    except StartupRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except OSError as error:
        sys.stderr.write(
            f"{error.filename or path} can't be written ({error.strerror}). Nothing was changed.\n"
        )
        return 1
    return 0


def _back_up(path: Path, env: Mapping[str, str]) -> None:
    if not env.get("HEADGATE_DATABASE_URL"):
        _check_is_there(data_dir_of(Env(env)))
    settings = _settings(env)
    if path.exists():
        raise StartupRefused(f"{path} is there already: name a new file, or move that one away.")
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            with closing(Writer(file)) as writer:
                with_key = _write(writer, settings, env, path)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    key = (
        "It holds the secret key as well: who has this file can read your users' addresses and tokens."
        if with_key
        else "The secret key is not in it: keep HEADGATE_SECRET_KEY too, apart from this file."
    )
    sys.stdout.write(f"Wrote {path}, {path.stat().st_size:,} bytes. {key}\n")


def _check_is_there(data_dir: Path) -> None:
    """A timer that runs in another folder than the hub is told so, and leaves no new key behind there."""
    if not any((data_dir / f"{service}.db").exists() for service in services_with_histories()):
        raise StartupRefused(
            f"There is nothing to back up: {data_dir.absolute()} holds no databases of a hub. "
            "HEADGATE_DATA_DIR says where they are."
        )


def _write(writer: Writer, settings: CommonSettings, env: Mapping[str, str], path: Path) -> bool:
    """Whether the key is in it: the one of the data directory, if the hub uses that."""
    services = services_with_histories()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    if settings.database_url:
        from libs.common.db.backup import postgres  # noqa: PLC0415  a household has no driver loaded

        versions, counters = asyncio.run(postgres.back_up(settings.database_url, services, writer))
    else:
        versions, counters = sqlite.back_up(settings.data_dir, services, writer, beside=path), ()
    if not versions:
        raise StartupRefused("There is nothing to back up: no hub was ever started on this database.")
    file = key_file(settings.data_dir)
    with_key = not env.get("HEADGATE_SECRET_KEY") and file.exists()
    if with_key:
        with writer.member(KEY_MEMBER) as sink:
            sink.write(file.read_bytes())
    writer.finish("postgresql" if settings.database_url else "sqlite", versions, counters, made_at=made_at)
    return with_key


def _restore(path: Path, env: Mapping[str, str]) -> None:
    with opened(path) as archive:
        _check_versions(archive.manifest)
        brought = _brought_key(archive, env)
        # The key that comes is the one to check with, and no other is to be made for this.
        settings = _settings({**env, "HEADGATE_SECRET_KEY": brought.decode("ascii")} if brought else env)
        engine = "postgresql" if settings.database_url else "sqlite"
        if archive.manifest.engine != engine:
            raise StartupRefused(
                f"{path} was made from {ENGINES[archive.manifest.engine]}, but this hub keeps its data in "
                f"{ENGINES[engine]}: set or empty HEADGATE_DATABASE_URL."
            )
        key = Key(SecretBox(settings.secret_key), key_file(settings.data_dir), brought)
        services = services_with_histories()
        if settings.database_url:
            from libs.common.db.backup import postgres  # noqa: PLC0415

            asyncio.run(postgres.restore(settings.database_url, archive, services, key))
            kept = f"schemas ending in {postgres.KEPT}"
        else:
            with data_dir_held(settings.data_dir, advice="stop the hub first"):
                sqlite.restore(archive, settings.data_dir, services, key)
            kept = "files ending in .before-restore"
        versions = ", ".join(f"{name} {version}" for name, version in archive.manifest.versions.items())
        sys.stdout.write(
            f"Restored what {path} holds of {archive.manifest.made_at} ({versions}). What was there "
            f"before, if anything, is kept in {kept}, until the next restore.\n"
        )


def _check_versions(manifest: Manifest) -> None:
    unknown = sorted(set(manifest.versions) - set(services_with_histories()))
    if unknown:
        raise StartupRefused("The backup was made by a newer Headgate: restore it with that one.")
    for service, version in manifest.versions.items():
        History.of(service).position(version)


def _brought_key(archive: Archive, env: Mapping[str, str]) -> bytes | None:
    member = archive.manifest.member(KEY_MEMBER)
    return None if member is None or env.get("HEADGATE_SECRET_KEY") else archive.read(member)


def _settings(env: Mapping[str, str]) -> CommonSettings:
    return CommonSettings.from_env(Env(env), service="backup", default_port=0)
