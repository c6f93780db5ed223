"""Read views: one transaction for everything that a page shows, and one query for what it needs twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kaohe.storage.tables import db


class Transaction(Session):
    """What the functions of storage work in. Outside of storage it is handed on to them and not used otherwise."""


_ONE_VIEW = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_current: ContextVar[Transaction | None] = ContextVar("kaohe_transaction", default=None)
"""The transaction that is open in this thread or greenlet, reading or writing."""
_request: ContextVar[_ReadView | None] = ContextVar("kaohe_read_view", default=None)
"""What the request that this thread or greenlet answers has read so far; None where there is no such request."""
_ANSWERS = "kaohe_answers"
"""Where a read transaction keeps what it has been asked; a writing one keeps nothing."""

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Within = TypeVar("Within", bound=Session)


@contextmanager
def reading() -> Iterator[Transaction]:
    """One consistent view of the database for reading: what others commit meanwhile is not seen in it.

    Within a transaction that is open already it joins that one, so that a function made of several that read can be
    made one view by ``with reading():`` around it. Within ``one_read_view()`` it joins the read view.
    """
    outer, read_view = _current.get(), _request.get()
    if outer is not None:
        yield outer
    elif read_view is None:
        with _new_view() as session, as_current(session):
            yield session
    else:
        try:
            with as_current(read_view.view()) as session:
                yield session
        except DBAPIError:
            # A transaction that has met a fault answers nothing more.
            read_view.end()
            raise


class _ReadView:
    """One view for all that a request reads until it changes something; begun by its first question."""

    def __init__(self, *, is_read_only: bool) -> None:
        self.is_read_only = is_read_only
        self._session: Transaction | None = None

    @property
    def is_open(self) -> bool:
        return self._session is not None

    def view(self) -> Transaction:
        if self._session is None:
            self._session = _new_view()
        return self._session

    def end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


@contextmanager
def one_read_view(*, is_read_only: bool) -> Iterator[None]:
    """Let everything that is read within be one view of the database, from the first question to ``end_read_view()``.

    A writing transaction ends the view as well, so that what is read afterwards shows the change; where the request
    ``is_read_only`` none can begin while the view is open.
    """
    read_view = _ReadView(is_read_only=is_read_only)
    token = _request.set(read_view)
    try:
        yield
    finally:
        read_view.end()
        _request.reset(token)


def end_read_view() -> None:
    """End the view of this request, since all that was to be read is loaded. Idempotent; nothing without a request."""
    read_view = _request.get()
    if read_view is not None:
        read_view.end()


def _new_view() -> Transaction:
    session = Transaction(db.engine, expire_on_commit=False, autoflush=False, info={_ANSWERS: {}})
    if db.engine.dialect.name != "sqlite":
        # SQLite's read transaction is one view by itself.
        session.connection(execution_options=_ONE_VIEW)
    return session


def leave_read_view() -> None:
    """End what the request has read, before something is changed.

    Raises:
        RuntimeError: a transaction goes on, or the request only reads.
    """
    read_view = _request.get()
    if _current.get() is None and read_view is not None and not read_view.is_read_only:
        read_view.end()
    if is_in_transaction():
        raise RuntimeError("nothing is written while another transaction is open")


def cached_in_transaction(
    load: Callable[Concatenate[Within, Asked], Answer],
) -> Callable[Concatenate[Within, Asked], Answer]:
    """Let a function that loads something ask the database once per read transaction and argument.

    One view gives the same answer every time, so the parts of a page may each load what they need. The answer is
    shared: nobody changes it. A writing transaction asks every time, since what it has changed changes the answer.
    """

    @wraps(load)
    def ask(session: Within, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        answers: dict[object, Answer] | None = session.info.get(_ANSWERS)
        if answers is None:
            return load(session, *args, **kwargs)
        question = (load, args, tuple(sorted(kwargs.items())))
        if question not in answers:
            answers[question] = load(session, *args, **kwargs)
        return answers[question]

    return ask


def is_in_transaction() -> bool:
    """Whether a transaction is open in this thread or greenlet, reading or writing."""
    read_view = _request.get()
    return _current.get() is not None or (read_view is not None and read_view.is_open)


@contextmanager
def as_current(session: Transaction) -> Iterator[Transaction]:
    """Let ``reading()`` within join this transaction."""
    token = _current.set(session)
    try:
        yield session
    finally:
        _current.reset(token)


@contextmanager
def apart_from_read_view() -> Iterator[None]:
    """Let what is done within have nothing to do with the transactions that are open."""
    current, request = _current.set(None), _request.set(None)
    try:
        yield
    finally:
        _request.reset(request)
        _current.reset(current)
