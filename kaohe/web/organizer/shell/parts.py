"""Parts of a page that htmx swaps: one address answers the whole page, or only the part that htmx asks for.

A part is a block of the page's template, named like the ``id`` of the element that it holds, with ``_`` for ``-``. So a
page works without scripts, and with them nothing but the part is sent and the focus stays (docs/adr/0024).
"""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Protocol

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from kaohe.web.organizer.shell.frame import MeetingFrame


class Polled(Protocol):
    """A part that asks for itself anew."""

    @property
    def state_tag(self) -> str:
        """Changes with whatever the rest of the page depends on."""

    @property
    def seen(self) -> str:
        """Changes with everything that the part shows."""


def is_htmx() -> bool:
    """Whether a part is asked for, rather than a page."""
    return "HX-Request" in request.headers


def shown(
    template: str,
    code: int = HTTPStatus.OK,
    *,
    parts: Collection[str] = (),
    frame: MeetingFrame | None = None,
    **context: object,
) -> Response:
    """The page, or that one of its ``parts`` that htmx asks for, with the flashed sentences beside it.

    With a ``frame`` the way through the steps comes beside a part too, where acts make a step ready. A refusal is the
    whole page for everybody; htmx takes ``#main`` out of it (layouts/desk.html).
    """
    wanted = request.headers.get("HX-Target", "") if is_htmx() else ""
    if wanted in parts and code < HTTPStatus.BAD_REQUEST:
        body = render_block(template, wanted.replace("-", "_"), **context)
        body += render_template("components/messages.html", is_beside=True)
        body += render_template("components/steps_beside.html", frame=frame) if frame else ""
    else:
        body = render_template(template, **context)
    response = make_response(body, code)
    response.vary.update(("HX-Request", "HX-Target"))
    return response


def polled(part: Polled, template: str, *, page_url: str, **context: object) -> ResponseReturnValue:
    """The part where it has changed, nothing where it has not, and a fresh page where that was made for another state.

    The address of the part carries ``state_tag`` and ``seen`` as ``state`` and ``seen``. Opened in a browser, it leads
    to the page at ``page_url``.
    """
    if not is_htmx():
        return redirect(page_url)
    if request.args.get("state") != part.state_tag:
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    if request.args.get("seen") == part.seen:
        return Response(status=HTTPStatus.NO_CONTENT)
    return render_template(template, **context)


def moved(url: str) -> ResponseReturnValue:
    """Send the browser to another page after an act, even where htmx would swap the answer into a part of this one."""
    if is_htmx():
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
    return redirect(url, HTTPStatus.SEE_OTHER)
