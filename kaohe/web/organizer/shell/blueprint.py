"""The organizer's console; every module of this folder hangs its views on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from flask.sansio.scaffold import T_route

from kaohe.domain.permissions import Act
from kaohe.web.access import Audience, audience


class Console(Blueprint):
    """Routes for whoever is signed in; one that names no act says by ``audience`` who else it is for."""

    def route(
        self,
        rule: str,
        *,
        act: Act | None = None,
        takes_file: bool = False,
        **options: Any,  # noqa: ANN401 - as Flask has it
    ) -> Callable[[T_route], T_route]:
        """Flask's own, which takes ``act`` and ``takes_file`` of ``audience`` too, as ``get`` and ``post`` do."""
        registered: Callable[[T_route], T_route] = super().route(rule, **options)
        if act is None:
            return registered
        declared = audience(Audience.ORGANIZER, act=act, takes_file=takes_file)
        return lambda view: registered(declared(view))


organizer = Console("organizer", __name__, url_prefix="/desk")
