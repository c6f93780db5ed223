"""The organizer's console; every module of this folder hangs its views on it."""

from __future__ import annotations

from flask import Blueprint

organizer = Blueprint("organizer", __name__, url_prefix="/desk")
