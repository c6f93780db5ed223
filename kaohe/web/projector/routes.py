"""Pages for the projector: the screen itself, its stream of pictures, and the newest picture alone."""

from __future__ import annotations

import hmac
import re
from functools import partial
from http import HTTPStatus

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from jinja2_fragments.flask import render_block

from kaohe.domain.errors import MeetingUnknown
from kaohe.live.snapshots import Snapshot
from kaohe.live.speeches import clock_ms
from kaohe.live.watching import Picture, Watch, watch_meeting
from kaohe.operations.setup.preparing import load_emblem, load_emblem_digest, stage_code
from kaohe.web.access import Audience, audience
from kaohe.web.projector.pages import Screen, StagePage, screen_of
from kaohe.web.security import policy

projector = Blueprint("projector", __name__, url_prefix="/stage")
_TEMPLATE = "projector/stage.html"
_BETWEEN = re.compile(r">\s*\n\s*<")


@projector.get("/<meeting_id>/<code>")
@audience(Audience.SCREEN)
def stage(meeting_id: str, code: str) -> str:
    """The screen of a meeting, as it is now; a script lets it move."""
    picture = _watch(meeting_id, code).picture()
    page = _page(meeting_id, code, picture)
    return _dense(render_template(_TEMPLATE, page=page, screen=_screen(meeting_id, code, picture.snapshot)))


@projector.get("/<meeting_id>/<code>/mirror")
@audience(Audience.SCREEN)
def mirror(meeting_id: str, code: str) -> Response:
    """The screen inside of another page of this server: it asks for the picture now and then, and holds no stream.

    A browser keeps six connections to a server; streams in hidden tabs must not take those that the chair needs.
    """
    picture = _watch(meeting_id, code).picture()
    page = _page(meeting_id, code, picture, is_mirror=True)
    screen = _screen(meeting_id, code, picture.snapshot)
    response = make_response(_dense(render_template(_TEMPLATE, page=page, screen=screen)))
    response.headers["Content-Security-Policy"] = policy("frame-ancestors 'self'")
    return response


@projector.get("/<meeting_id>/<code>/live")
@audience(Audience.SCREEN)
def live(meeting_id: str, code: str) -> Response:
    """Every new picture as a server-sent event; the one that the viewer has seen is not sent again."""
    watch = _watch(meeting_id, code)
    seen = request.headers.get("Last-Event-ID") or request.args.get("seen")
    # Passed through unwrapped, so that the HTTP server can push to the connection itself.
    response = Response(watch.stream(seen), mimetype="text/event-stream", direct_passthrough=True)
    # A proxy that collects replies before it passes them on would hold every picture back.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "no-store"
    return response


@projector.get("/<meeting_id>/<code>/now")
@audience(Audience.SCREEN)
def now(meeting_id: str, code: str) -> Response:
    """The picture and a new stream for it, or 304 where the viewer has it: for screens that no stream reaches."""
    picture = _watch(meeting_id, code).picture()
    response = Response(mimetype="text/html")
    response.set_etag(picture.digest)
    response.headers["Cache-Control"] = "no-cache"
    if response.make_conditional(request).status_code == HTTPStatus.OK:
        page = _page(meeting_id, code, picture, is_mirror="mirror" in request.args)
        screen = _screen(meeting_id, code, picture.snapshot)
        response.set_data(_dense(render_block(_TEMPLATE, "main", page=page, screen=screen)))
    return response


@projector.get("/<meeting_id>/<code>/emblem/<digest>")
@audience(Audience.SCREEN)
def emblem(meeting_id: str, code: str, digest: str) -> Response:
    """The emblem of the meeting's unit, which another one never takes the address of."""
    _require(meeting_id, code)
    picture = load_emblem(meeting_id)
    if picture is None or digest != load_emblem_digest(meeting_id):
        raise MeetingUnknown("没有这枚徽标，请在控制台重新打开大屏。")
    response = Response(picture, mimetype="image/png")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _page(meeting_id: str, code: str, picture: Picture, *, is_mirror: bool = False) -> StagePage:
    return StagePage(
        title=picture.snapshot.heading.title,
        digest=picture.digest,
        clock_ms=clock_ms(),
        live_url=url_for("projector.live", meeting_id=meeting_id, code=code, seen=picture.digest),
        now_url=url_for("projector.now", meeting_id=meeting_id, code=code, mirror=1 if is_mirror else None),
        is_mirror=is_mirror,
    )


def _watch(meeting_id: str, code: str) -> Watch:
    _require(meeting_id, code)
    return watch_meeting(meeting_id, partial(_render, meeting_id, code))


def _require(meeting_id: str, code: str) -> None:
    try:
        is_right = hmac.compare_digest(stage_code(meeting_id).encode(), code.encode())
    except MeetingUnknown:
        is_right = False
    if not is_right:
        raise MeetingUnknown("大屏网址不正确，请在控制台重新打开大屏。")


def _screen(meeting_id: str, code: str, snapshot: Snapshot) -> Screen:
    # A picture is also made where no request is answered, and there Flask's own function knows no address.
    values = {"meeting_id": meeting_id, "code": code, "digest": snapshot.heading.emblem_text}
    return screen_of(snapshot, current_app.url_map.bind("").build("projector.emblem", values))


def _render(meeting_id: str, code: str, snapshot: Snapshot) -> str:
    return _dense(render_block(_TEMPLATE, "stage", screen=_screen(meeting_id, code, snapshot)))


def _dense(page: str) -> str:
    """Without the line breaks between elements, which would be more than half of what a screen has to read and compare.

    The templates of the projector part no words by them.
    """
    return _BETWEEN.sub("><", page)
