"""The metrics of the server for monitoring (Prometheus): sums, never anything about one ballot, ticket or phone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from kaohe.domain.permissions import Act
from kaohe.live.watching import screen_count
from kaohe.operations.server.health import STEP, free_mb_rounded, readiness, watched_box
from kaohe.storage.box_figures import Histogram
from kaohe.storage.connections import connected_standbys, open_connections
from kaohe.storage.last_backup import last_backup_at
from kaohe.web.access import Audience, audience


class ServerFigures(Collector):
    """The figures as they stand when they are asked for; needs an application context."""

    def collect(self) -> Iterator[Metric]:
        """Every figure with its explanation."""
        found = readiness()
        yield GaugeMetricFamily("kaohe_ready", "1 where ballots can be taken now", value=float(found.is_ready))
        reasons = GaugeMetricFamily("kaohe_not_ready", "1 for each reason why not", labels=["reason"])
        for reason in found.reasons:
            reasons.add_metric([reason], 1)
        yield reasons
        yield GaugeMetricFamily(
            "kaohe_disk_free_bytes",
            "Free space beside the data, down to hundreds of MiB",
            value=free_mb_rounded() * 2**20,
        )
        yield from _surroundings(answers="database" not in found.reasons)
        box = watched_box()
        steps = f"moves in steps of at least {STEP} ballots"
        yield GaugeMetricFamily(
            "kaohe_box_waiting_ballots",
            f"Ballots that wait for a commit, down to multiples of {STEP}",
            value=box.waiting,
        )
        yield CounterMetricFamily(
            "kaohe_box_acknowledged_ballots",
            f"Ballots acknowledged since the start, retries included; {steps}",
            value=box.figures.stored,
        )
        yield CounterMetricFamily(
            "kaohe_box_turned_away_ballots",
            "Ballots told to come back since the start, down to tens",
            value=box.figures.turned_away,
        )
        yield _histogram(
            "kaohe_box_commit_seconds", f"How long groups took to store; {steps}", box.figures.commit_seconds
        )
        yield _histogram("kaohe_box_group_ballots", f"Ballots in one group; {steps}", box.figures.group_sizes)


def _surroundings(*, answers: bool) -> Iterator[Metric]:
    """What the server hangs on; where the database does not answer, what can be said without it."""
    yield GaugeMetricFamily("kaohe_screens", "Screens of halls that hang on this server", value=screen_count())
    is_open, at_most = open_connections()
    yield GaugeMetricFamily("kaohe_database_connections", "Open connections to the database", value=is_open)
    yield GaugeMetricFamily("kaohe_database_connections_limit", "How many there may be", value=at_most)
    standbys = GaugeMetricFamily(
        "kaohe_database_standbys", "Standbys that are connected, by what they confirm", labels=["sync_state"]
    )
    for state, count in (connected_standbys() if answers else {}).items():
        standbys.add_metric([state], count)
    yield standbys
    at = last_backup_at()
    yield GaugeMetricFamily(
        "kaohe_last_backup_timestamp_seconds",
        "When the last backup of the embedded database was made and found whole; left out where none was",
        value=None if at is None else int(at.timestamp()),
    )


def _histogram(name: str, explanation: str, found: Histogram) -> HistogramMetricFamily:
    buckets: list[Sequence[str | float]] = []
    below = 0
    for end, count in zip([*found.ends, float("inf")], found.counts, strict=True):
        below += count
        buckets.append(("+Inf" if end == float("inf") else str(float(end)), below))
    return HistogramMetricFamily(name, explanation, buckets=buckets, sum_value=found.total)  # type: ignore[arg-type] # pairs, as documented


admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.get("/metrics")
@audience(Audience.WATCHER, act=Act.RUN_INSTALLATION)
def metrics() -> Response:
    """All figures as they stand; what counts ballots moves in steps only."""
    # A registry of its own: the library's common one holds whatever another package puts into it.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServerFigures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
