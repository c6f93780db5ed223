"""The metrics of the server for monitoring (Prometheus)."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from kaohe.domain.permissions import Act
from kaohe.web.access import Audience, audience
from kaohe.web.admin.figures import ServerFigures

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.get("/metrics")
@audience(Audience.WATCHER, act=Act.RUN_INSTALLATION)
def metrics() -> Response:
    """All figures as they stand; what counts ballots moves in steps only."""
    # A registry of its own: the library's common one holds whatever another package puts into it.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServerFigures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
