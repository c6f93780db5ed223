"""Meetings as phones find them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from form_scene import hold_form
from page_client import PageClient
from phone import Hall
from scene import hold_meeting, prepare_meeting


@pytest.fixture
def hall(app: Flask, pages: PageClient) -> Hall:
    """An open meeting with twelve tickets."""
    return _hall(app, pages, hold_meeting)


@pytest.fixture
def hall_of(app: Flask, pages: PageClient) -> Callable[..., Hall]:
    """An open meeting, set up as the test says."""
    return lambda **settings: _hall(app, pages, hold_meeting, **settings)


@pytest.fixture
def draft_of(app: Flask, pages: PageClient) -> Callable[..., Hall]:
    """A meeting that has not begun, set up as the test says."""
    return lambda **settings: _hall(app, pages, prepare_meeting, **settings)


@pytest.fixture
def form_of(app: Flask, pages: PageClient) -> Callable[..., Hall]:
    """An open meeting by a preset, seen from the form of one voter group."""

    def make(preset: str, group: str = "", **changes: object) -> Hall:
        with app.app_context():
            return Hall(app, pages, hold_form(preset, group, **changes))

    return make


def _hall(app: Flask, pages: PageClient, make: Callable[..., object], **settings: object) -> Hall:
    with app.app_context():
        return Hall(app, pages, make(**settings))
