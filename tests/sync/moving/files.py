"""Files as a hub exports them, and as none does."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any


def exported(held: dict[str, bytes], *, more: dict[str, bytes] | None = None, **manifest: Any) -> bytes:
    told = {
        "headgate_export": 1,
        "made_at": "2026-11-22T10:00:00Z",
        "credentials": "left_out",
        "sealing": None,
        "profiles": [{"id": "p1", "name": "Ada"}],
        "members": [
            {
                "name": name,
                "rows": data.count(b"\n"),
                "size_bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for name, data in held.items()
        ],
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**held, **(more or {})}.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps({**told, **manifest}))
    return file.getvalue()
