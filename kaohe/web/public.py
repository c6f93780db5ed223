"""Pages for anybody: the front door and the health of the server."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from kaohe.operations.server.health import readiness
from kaohe.storage.database import database_answers
from kaohe.web.access import Audience, audience

public = Blueprint("public", __name__)


@public.get("/")
@audience(Audience.PUBLIC)
def front_door() -> Response:
    """Lead to the console; voters come with their own address."""
    return redirect(url_for("organizer.meetings"))


@public.get("/health")
@audience(Audience.PUBLIC)
def health() -> tuple[str, int]:
    """Whether the server and its database answer; for whoever watches over it."""
    return ("ok\n", 200) if database_answers() else ("database\n", 503)


@public.get("/ready")
@audience(Audience.PUBLIC)
def ready() -> tuple[str, int]:
    """Whether ballots could be taken now; where not, the reasons in one word each."""
    found = readiness()
    return ("ok\n", 200) if found.is_ready else (" ".join(found.reasons) + "\n", 503)
