from __future__ import annotations

import math
import time
from dataclasses import dataclass

from kaohe.server.client_lines import ClientLines


@dataclass(eq=False)
class Line:
    lines: ClientLines
    lingers: bool = False
    overdue_at: float = math.inf
    is_cut: bool = False

    def cut(self) -> None:
        self.is_cut = True
        if not self.lingers:
            self.lines.leave(self)


def join(lines: ClientLines, address: str, count: int, *, lingers: bool = False) -> list[Line]:
    joined = [Line(lines, lingers) for _ in range(count)]
    for line in joined:
        assert lines.join(line, lines.caller_of((address, 1)))
    return joined


def cut(lines: list[Line]) -> list[int]:
    return [number for number, line in enumerate(lines) if line.is_cut]


def test_near_the_limit_the_longest_idle_line_is_closed() -> None:
    lines = ClientLines(16)
    assert lines.most == 12
    first, second, third = (join(lines, address, 4) for address in ("a", "b", "c"))
    for line in (first[1], second[0], first[0]):
        lines.work(line)
        lines.wait(line)
    lines.work(first[2])
    join(lines, "d", 2)
    assert cut(first) == [1]
    assert cut(second) == [0]
    assert cut(third) == []


def test_one_address_has_at_most_half_of_the_lines_and_gives_way_to_itself() -> None:
    lines = ClientLines(16)
    others = join(lines, "a", 2)
    many = join(lines, "b", 8)
    assert cut(others) == []
    assert cut(many) == [0, 1]


def test_a_line_in_the_middle_of_a_head_outlasts_those_that_are_idle() -> None:
    lines = ClientLines(16)
    begun, *idle = join(lines, "a", 4)
    for line in (begun, *idle):
        lines.work(line)
        lines.wait(line)
    lines.arrive(begun)
    join(lines, "a", 2)
    assert cut([begun, *idle]) == []
    join(lines, "a", 3)
    assert cut([begun, *idle]) == [1, 2, 3]
    join(lines, "a", 1)
    assert begun.is_cut


def test_where_all_lines_are_taken_an_idle_line_of_the_newcomers_own_address_gives_way_first() -> None:
    lines = ClientLines(64)
    first, second, third = (join(lines, address, 16) for address in ("a", "b", "c"))
    for line in (*first[:2], third[2]):
        lines.work(line)
        lines.wait(line)
    for gives_way in (third[2], first[0], first[1]):
        join(lines, "c", 1)
        assert gives_way.is_cut
    join(lines, "b", 1)
    assert cut(second) == [0]


def test_lines_that_were_told_to_give_way_and_linger_never_take_the_room_of_another_address() -> None:
    lines = ClientLines(64)
    many = join(lines, "a", 24 + 4, lingers=True)
    assert cut(many) == [0, 1, 2, 3]
    assert not lines.join(Line(lines), lines.caller_of(("a", 1)))
    assert cut(join(lines, "b", 16)) == []
    lines.leave(many[0])
    assert lines.join(Line(lines), lines.caller_of(("a", 1)))


def test_who_is_being_answered_is_never_closed_and_a_newcomer_is_turned_away() -> None:
    lines = ClientLines(16)
    many = join(lines, "b", 6)
    for line in many:
        lines.work(line)
    assert not lines.join(Line(lines), lines.caller_of(("b", 7)))
    assert cut(many) == []
    assert lines.join(Line(lines), lines.caller_of(("c", 7)))


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
