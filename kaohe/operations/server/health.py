"""Health of the server: readiness for monitoring, and warnings for the chair while voting is open."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kaohe.storage.ballot_box import BALLOT_BOX
from kaohe.storage.box_figures import BoxFigures
from kaohe.storage.database import database_answers, is_sqlite, try_to_store
from kaohe.storage.disk import free_mb
from kaohe.storage.installation import this_config, this_memory
from kaohe.storage.migrating import is_up_to_date
from kaohe.storage.secrets_mark import has_other_mark
from kaohe.storage.storage_faults import STORAGE_FAULT_TEXTS, StorageFault

STUCK_SECONDS = 10.0
"""A commit that lasts longer is stuck; waiting for another process ends sooner."""
SLOW_SECONDS = 2.0
"""The chair is warned of a commit that lasts longer."""
LOOK_EVERY_SECONDS = 2.0
"""The disk is tried at most so often, however many ask."""
STEP = 10
"""The figures of the box move when at least so many more ballots are stored: nobody reads single ballots from them."""

STORE: Final = "store-"
"""What a reason begins with where the database does not store, before the word for its fault."""

_STOPPING: Final = "stopping"
_PATIENCE_SECONDS = 0.5
_SLOW: Final = "选票保存得很慢，数据库可能正被另一个程序占用，请关闭备份、同步等程序。"
_SLOW_ELSEWHERE: Final = "选票保存得很慢，数据库可能正忙，或同步备库没有及时应答，请检查主库、备库和它们之间的网络。"
_ON_THE_WALL: Final = "服务器暂时存不了选票，手机会自动重试；已收到的票都在票箱里"
_CALM: Final = "手机会自动重试，已经显示“已收到”的票都在票箱里，不会丢票；恢复后自动继续，不必重启。"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Why a hall cannot be served; each reason is a stable word."""

    reasons: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether ballots could be taken at this moment."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class WatchedBox:
    """The box as it may be shown while voting goes on: everything that counts ballots moves in steps only."""

    figures: BoxFigures
    waiting: int
    """How many ballots wait for a commit, rounded down to a multiple of ``STEP``."""


class _Trial:
    """The latest try to store something, shared by all who ask."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._found: StorageFault | None = None

    def find(self) -> StorageFault | None:
        with self._looking:
            if time.monotonic() - self._looked_at >= LOOK_EVERY_SECONDS:
                self._found = try_to_store(_PATIENCE_SECONDS)
                self._looked_at = time.monotonic()
                if self._found is None:
                    BALLOT_BOX.fault = None
            return self._found


def readiness() -> Readiness:
    """Whether ballots could be taken now. Tries to store something at most every ``LOOK_EVERY_SECONDS``."""
    return Readiness(tuple(_reasons()))


def stop_being_ready() -> None:
    """Let ``readiness`` say from now on that this server stops, whatever else is so."""
    this_memory(_STOPPING)["is_so"] = True


def box_warning() -> str:
    """Why the box is slow or takes no ballots while voting is open, in a sentence or two; '' where all is well.

    Asks the database only after a ballot could not be stored, to find out whether it can again.
    """
    if BALLOT_BOX.fault is not None:
        fault = _trial().find()
        if fault is not None:
            return f"票箱暂时收不了票：{STORAGE_FAULT_TEXTS[fault]}{_CALM}"
    if BALLOT_BOX.commit_seconds > SLOW_SECONDS:
        return (_SLOW if is_sqlite() else _SLOW_ELSEWHERE) + _CALM
    free, floor = free_mb(), this_config().disk_floor_mb
    if free < floor:
        # Rounded, so that the sentence does not move with every ballot.
        return f"服务器磁盘剩余空间不足 {-(-free // 50) * 50} MB，请尽快腾出空间，以免票箱写满后收不了票。"
    return ""


def wall_warning() -> str:
    """What the wall says while ballots cannot be stored; '' where they can.

    Asks the database only after a ballot could not be stored, to find out whether it can again.
    """
    return _ON_THE_WALL if BALLOT_BOX.fault is not None and _trial().find() is not None else ""


def free_mb_rounded() -> int:
    """Free space beside the data, down to hundreds of megabytes: the database grows with every ballot."""
    return free_mb() // 100 * 100


def watched_box() -> WatchedBox:
    """The figures of the box as they stood when ``STEP`` more ballots had been stored, and the rounded queue."""
    memory = this_memory("watched_box")
    shown: BoxFigures = memory.get("figures", BoxFigures())
    now = BALLOT_BOX.figures
    if now.stored - shown.stored >= STEP:
        shown = memory["figures"] = now.copy()
    shown.turned_away = now.turned_away - now.turned_away % STEP
    return WatchedBox(shown, BALLOT_BOX.waiting_count // STEP * STEP)


def _reasons() -> Sequence[str]:
    if this_memory(_STOPPING):
        return [_STOPPING]
    if not database_answers():
        return ["database"]
    found = []
    if not is_up_to_date():
        found.append("migrations")
    elif has_other_mark():
        found.append("secrets")
    if free_mb() < this_config().disk_floor_mb:
        found.append("disk")
    if BALLOT_BOX.commit_seconds > STUCK_SECONDS:
        found.append("box")
    elif "migrations" not in found and (fault := _trial().find()) is not None:
        found.append(f"{STORE}{fault}")
    return found


def _trial() -> _Trial:
    memory = this_memory("trial")
    found: _Trial = memory.setdefault("trial", _Trial())
    return found
