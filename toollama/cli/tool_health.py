"""`toollama tools health`: the limits, rests and last live check of each service, as on file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from toollama.cli import out
from toollama.cli.options import Json

if TYPE_CHECKING:
    from toollama.tools.discovery.survey import Row, Survey
    from toollama.tools.reliability.usage import Usage


def health(*, json: Json = False) -> None:
    """Show each service: tools that are ready, quota used, rests it asked for, last live check."""
    from toollama.clock import SystemClock
    from toollama.tools.discovery.survey import survey
    from toollama.tools.reliability.usage import Usage, cache_usage

    services = list(_services(survey(), Usage(SystemClock().now().timestamp())))
    cache = cache_usage()
    if json:
        out.json({"services": services, "cache": cache})
        return
    out.table(
        ("SERVICE", "TOOLS", "READY", "QUOTA USED", "RESTS UNTIL", "LAST LIVE"),
        [
            (
                one["service"],
                len(one["tools"]),
                one["ready"],
                ", ".join(
                    f"{q['used']}/{q['allowed']} in {q['window_s']:g} s" for q in one["quota"]
                ),
                one["rests_until"],
                one["last_live"],
            )
            for one in services
        ],
    )
    out.note(f"cache: {cache.answers} answers, {cache.answer_bytes:,} bytes")


def _services(found: "Survey", usage: "Usage") -> Iterator[dict[str, Any]]:
    """Yield what is known of each service; tools of one provider share it."""
    networked = sorted((row for row in found.rows() if row.entry.egress), key=_provider)
    for provider, group in groupby(networked, key=_provider):
        rows = list(group)
        rates = tuple(dict.fromkeys(rate for row in rows for rate in row.entry.rates))
        rest_s = usage.rests_until_s(provider)
        yield {
            "service": provider,
            "tools": [row.entry.name for row in rows],
            "ready": sum(row.standing.state == "ready" for row in rows),
            "quota": [
                {"used": used, "allowed": allowed, "window_s": window_s}
                for used, (allowed, window_s) in zip(
                    usage.counts(provider, rates), rates, strict=True
                )
            ],
            "rests_until": _moment(rest_s) if rest_s else "",
            "last_live": _last_live(found, rows),
        }


def _provider(row: "Row") -> str:
    return row.entry.provider or row.entry.name


def _last_live(found: "Survey", rows: "list[Row]") -> str:
    checks = (found.checks.get(row.entry.name) for row in rows)
    last = max(filter(None, checks), key=lambda check: check.date, default=None)
    return f"{last.date} {'passed' if last.passed else 'failed'}" if last else "never"


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
