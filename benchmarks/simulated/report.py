"""The report of a run: a table of percentiles as Markdown and HTML, and pictures of how it went."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchmarks.simulated.pictures import lines
from benchmarks.simulated.record import Record

HEADS = ("request", "answers", "per second", "p50", "p90", "p95", "p99", "max", "refused", "failed")
STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
th:first-child, td:first-child { text-align: left; }
tr:last-child { font-weight: 600; }
svg { width: 100%; height: auto; margin: 1rem 0; }
"""  # noqa: E501  # a style sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was asked for."""

    url: str
    users: int
    duration_s: int


def write(directory: Path, run: Run, record: Record) -> None:
    """Fill `directory` with report.md, report.html and the pictures."""
    directory.mkdir(parents=True, exist_ok=True)
    rows = _rows(run, record)
    pictures = _pictures(record)
    for name, picture in pictures.items():
        (directory / f"{name}.svg").write_text(picture)
    (directory / "report.md").write_text(_markdown(run, rows, record, list(pictures)))
    (directory / "report.html").write_text(_html(run, rows, record, list(pictures.values())))


def _rows(run: Run, record: Record) -> list[tuple[str, ...]]:
    return [
        (
            name,
            f"{tally.count:,}",
            f"{tally.count / run.duration_s:.1f}",
            *(f"{tally.percentile(share)} ms" for share in (0.5, 0.9, 0.95, 0.99, 1.0)),
            f"{tally.refused:,}",
            f"{tally.failed:,}",
        )
        for name, tally in record.by_name().items()
    ]


def _pictures(record: Record) -> dict[str, str]:
    seconds = record.by_second()
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    latency = {name: [float(tally.percentile(share)) for tally in seconds] for name, share in shares.items()}
    return {
        "latency": lines("Latency", "ms", latency),
        "throughput": lines("Answers", "per second", {"answers": [tally.count for tally in seconds]}),
        "errors": lines(
            "Not served",
            "per second",
            {
                "refused": [tally.refused for tally in seconds],
                "failed": [tally.failed for tally in seconds],
            },
        ),
    }


def _sentence(run: Run) -> str:
    return f"{run.users} simulated users at {run.url} for {run.duration_s} s."


def _markdown(run: Run, rows: list[tuple[str, ...]], record: Record, pictures: list[str]) -> str:
    table = ["| " + " | ".join(row) + " |" for row in (HEADS, ("---", *["--:"] * (len(HEADS) - 1)), *rows)]
    errors = [f"- {count} × {error}" for error, count in record.errors.most_common(20)]
    shown = [f"![{name}]({name}.svg)" for name in pictures]
    return "\n".join(["# Load", "", _sentence(run), "", *table, "", *errors, "", *shown, ""])


def _html(run: Run, rows: list[tuple[str, ...]], record: Record, pictures: list[str]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in HEADS)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    errors = "".join(f"<li>{count} × {escape(error)}</li>" for error, count in record.errors.most_common(20))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Load</title><style>{STYLE}</style>'
        f"<h1>Load</h1><p>{escape(_sentence(run))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><ul>{errors}</ul>"
        f"{''.join(pictures)}</html>\n"
    )
