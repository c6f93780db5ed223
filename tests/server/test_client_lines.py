from __future__ import annotations

import math
import time
from dataclasses import dataclass

from kaohe.server.client_lines import ClientLines


@dataclass(eq=False)
class Line:
    overdue_at: float = math.inf
    is_cut: bool = False

    def cut(self) -> None:
        self.is_cut = True


def join(lines: ClientLines, address: str, count: int) -> list[Line]:
    joined = [Line() for _ in range(count)]
    for line in joined:
        assert lines.join(line, lines.caller_of((address, 1)))
    return joined


def cut(lines: list[Line]) -> list[int]:
    return [number for number, line in enumerate(lines) if line.is_cut]


def test_near_the_limit_the_longest_idle_line_is_closed() -> None:
    lines = ClientLines(16)
    assert lines.most == 12
    first, second, third = (join(lines, address, 4) for address in ("a", "b", "c"))
    lines.work(first[0])
    lines.wait(first[0])
    lines.work(first[1])
    join(lines, "d", 2)
    assert cut(first) == [2, 3]
    assert cut(second) == cut(third) == []


def test_one_address_has_at_most_half_of_the_lines_and_gives_way_to_itself() -> None:
    lines = ClientLines(16)
    others = join(lines, "a", 2)
    many = join(lines, "b", 8)
    assert cut(others) == []
    assert cut(many) == [0, 1]


def test_who_is_being_answered_is_never_closed_and_a_newcomer_is_turned_away() -> None:
    lines = ClientLines(16)
    many = join(lines, "b", 6)
    for line in many:
        lines.work(line)
    assert not lines.join(Line(), lines.caller_of(("b", 7)))
    assert cut(many) == []
    assert lines.join(Line(), lines.caller_of(("c", 7)))


def test_a_declared_proxy_speaks_for_many() -> None:
    lines = ClientLines(16, ["127.0.0.1"])
    assert cut(join(lines, "127.0.0.1", 12)) == []


def test_an_address_is_forgotten_with_its_last_line_and_never_kept_as_it_is() -> None:
    lines = ClientLines(16)
    (line,) = join(lines, "192.0.2.7", 1)
    assert "192.0.2.7" not in repr(vars(lines))
    lines.leave(line)
    assert not any(kept for kept in vars(lines).values() if isinstance(kept, dict))
    assert ClientLines(16).caller_of(("192.0.2.7", 1)) != lines.caller_of(("192.0.2.7", 1))


def test_a_request_that_should_be_whole_by_now_is_closed() -> None:
    lines = ClientLines(16)
    slow, patient = join(lines, "a", 2)
    slow.overdue_at = time.monotonic() - 1
    lines.cut_overdue()
    assert (slow.is_cut, patient.is_cut) == (True, False)
