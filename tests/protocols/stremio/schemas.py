"""The published schemas of what an addon answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT: dict[str, Any] = json.loads((DOCS / "schemas" / "addon.json").read_text(encoding="utf-8"))


def errors(part: str, value: object) -> list[str]:
    """What is wrong with `value` as a `part`, such as `streamAnswer`, with where."""
    schema = {**DOCUMENT, "$ref": f"#/$defs/{part}"}
    found = Draft202012Validator(schema).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]
