"""The same vote as most developers would write it: Flask, objects, one row per mark, under gunicorn.

    python -m bench.naive_baseline FOLDER

Two processes of sixteen threads. It is meant well: indexed, the same durability (WAL, synchronous=FULL), one
transaction per ballot, every mark checked, and the threads of a process take turns at a lock (without it SQLite's own
waiting lets some of them starve, and there is nothing to measure). It keeps no secret: ballots come in the clear and
nothing is sealed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, render_template_string, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The declarative base."""


db = SQLAlchemy(model_class=Base)
GRADES = {"excellent", "competent", "basically_competent", "incompetent", "abstain"}
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>已收到</title></head>
<body><h1>已收到</h1><p data-receipt="{{ receipt }}">{{ receipt }}</p></body></html>"""


class Subject(Base):
    """Who is evaluated."""

    __tablename__ = "subjects"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)


class Ticket(Base):
    """Who may vote."""

    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    used: Mapped[bool] = mapped_column(default=False)


class Ballot(Base):
    """One ballot."""

    __tablename__ = "ballots"
    id: Mapped[int] = mapped_column(primary_key=True)
    marks: Mapped[list[Mark]] = relationship(back_populates="ballot")


class Mark(Base):
    """One mark of a ballot."""

    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id"), index=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), index=True)
    grade: Mapped[str]
    ballot: Mapped[Ballot] = relationship(back_populates="marks")


def fill(folder: Path) -> None:
    """Make the database, with the subjects and tickets that ``codes.txt`` and ``subjects.txt`` name."""
    with make_app(folder).app_context():
        db.create_all()
        db.session.add_all(Subject(key=key) for key in (folder / "subjects.txt").read_text().split())
        db.session.add_all(Ticket(code=code) for code in (folder / "codes.txt").read_text().split())
        db.session.commit()
        db.engine.dispose()


def make_app(folder: str | Path) -> Flask:
    """The application, on the database in a folder."""
    app = Flask(__name__)
    turn = threading.Lock()
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{Path(folder) / 'naive.sqlite3'}"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 60}, "pool_size": 80}
    db.init_app(app)
    with app.app_context():

        @event.listens_for(db.engine, "connect")
        def set_pragmas(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined] # SQLite's connection
            connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
            connection.execute("PRAGMA synchronous=FULL")  # type: ignore[attr-defined]

        @event.listens_for(db.engine, "begin")
        def begin(connection: object) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]

    @app.get("/health")
    def health() -> str:
        return "ok\n"

    @app.post("/v/<meeting_id>/<style_key>")
    def cast(meeting_id: str, style_key: str) -> tuple[str, int] | str:
        del meeting_id, style_key
        with turn:
            receipt = store(request.form)
        if isinstance(receipt, int):
            return "refused", receipt
        return render_template_string(PAGE, receipt=receipt)

    def store(form: Mapping[str, str]) -> str | int:
        ticket = db.session.execute(db.select(Ticket).filter_by(code=form["ticket"])).scalar_one_or_none()
        if ticket is None:
            return 404
        if ticket.used:
            return 409
        ballot = Ballot()
        for subject in db.session.execute(db.select(Subject)).scalars():
            grade = form.get(f"i.{subject.key}.overall", "")
            if grade not in GRADES:
                return 422
            ballot.marks.append(Mark(subject_id=subject.id, grade=grade))
        ticket.used = True
        db.session.add(ballot)
        db.session.flush()
        receipt = f"R{ballot.id}"
        db.session.commit()
        return receipt

    return app


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
    gunicorn = (
        *("--worker-class", "gthread", "--workers", "2", "--threads", "16"),
        *("--bind", f"127.0.0.1:{os.environ['PORT']}", "--graceful-timeout", "2", "--log-level", "error"),
        f"bench.naive_baseline:make_app({sys.argv[1]!r})",
    )
    os.execv(sys.executable, (sys.executable, "-m", "gunicorn", *gunicorn))
