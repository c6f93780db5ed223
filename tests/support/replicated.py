"""A primary and its synchronous standby, both real, and what becomes of them when the primary dies."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from databases import PostgreSQLServer

_NAME = "standby"
"""What each of them is called by the other, so that either may be the standby that commits wait for."""
_LOOKS = 1200


@dataclass
class ReplicatedPostgreSQL:
    """Two servers of one database: a commit of the primary counts once the standby has it on its disk."""

    primary: PostgreSQLServer
    standby: PostgreSQLServer
    _started: list[PostgreSQLServer] = field(default_factory=list)

    @classmethod
    def start(cls) -> ReplicatedPostgreSQL:
        primary = PostgreSQLServer.start(f"-c cluster_name={_NAME}")
        # Written down before it is copied, so that either of them asks for a standby once it takes writes.
        primary.tell(f"ALTER SYSTEM SET synchronous_standby_names = '{_NAME}'")
        pair = cls(primary, primary.copy(), [primary])
        pair._started.append(pair.standby)
        pair.set("synchronous_standby_names", _NAME)
        pair.wait_for_standby()
        return pair

    def stop(self) -> None:
        while self._started:
            self._started.pop().stop()

    def url(self, database: str) -> str:
        """The address under which whichever of them takes writes is found."""
        return self.primary.url(database) + f"&host={self.standby.folder}&target_session_attrs=read-write"

    def set(self, name: str, value: str) -> None:
        """Change a setting of the primary, for all its connections."""
        self.primary.tell(f"ALTER SYSTEM SET {name} = '{value}'")
        self.primary.ask("SELECT pg_reload_conf()")
        while self.primary.ask(f"SHOW {name}") != [(value,)]:
            time.sleep(0.01)

    def wait_for_standby(self) -> None:
        for _ in range(_LOOKS):
            if self.primary.ask("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"):
                return
            time.sleep(0.05)
        raise AssertionError("the standby did not come")

    def fail_over(self) -> None:
        """The primary dies, the standby takes its place; commits of the new primary wait, as it has no standby yet."""
        self.primary.go_away()
        self.take_over()

    def take_over(self) -> None:
        """The standby becomes the primary; the one that was is dead already."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def bring_standby(self) -> None:
        """Make the dead one anew as the standby of the one that lives."""
        self.standby.become_copy_of(self.primary)
        self.wait_for_standby()

    def waiting_commits(self) -> list[tuple[Any, ...]]:
        """The processes of the primary that wait for the standby."""
        return self.primary.ask("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
