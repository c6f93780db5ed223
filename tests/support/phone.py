"""A meeting seen from the phone's side: its address, its tickets, and a filled form."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from page_client import Page, PageClient
from scene import CHAIR, Scene
from sqlalchemy import text

from kaohe.operations.hall.boards import load_board
from kaohe.storage.tables import db

NONCE = "0123456789abcdef"


@dataclass(frozen=True)
class Hall:
    app: Flask
    pages: PageClient
    scene: Scene

    @property
    def url(self) -> str:
        return f"/v/{self.scene.meeting_id}/{self.scene.style_key}"

    @property
    def tickets(self) -> list[str]:
        return self.scene.all_codes

    def ballot(self) -> Page:
        return self.pages.get(self.url)

    def filled(self, grade: str = "competent", **changes: object) -> dict[str, object]:
        """What a phone posts that gives everybody the same grade."""
        names = {str(radio["name"]) for radio in self.ballot().soup.select("input[type=radio]")}
        fields: dict[str, object] = {"ticket": self.tickets[0], "nonce": NONCE, "round": "1"}
        return {**fields, **dict.fromkeys(sorted(names), grade), **changes}

    def post(self, data: dict[str, object], *, status: int = 200, **options: object) -> Page:
        return self.pages.post(self.url, data, status=status, **options)

    def chair(self, act: object, *args: object) -> None:
        """Let the chair do something to the meeting."""
        with self.app.app_context():
            act(CHAIR, self.scene.meeting_id, *args)

    def cast_count(self) -> int:
        with self.app.app_context():
            return load_board(self.scene.meeting_id).cast

    def dump(self) -> list[str]:
        """Everything that the database holds."""
        with self.app.app_context(), db.engine.connect() as connection:
            return list(connection.connection.iterdump())

    def execute(self, statement: str) -> None:
        """Do something to the database behind the application's back."""
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(text(statement))
