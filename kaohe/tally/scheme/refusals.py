"""What the tally refuses, each with a stable code and a Chinese sentence."""

from __future__ import annotations


class TallyError(ValueError):
    """No result can be made of this input; ``message`` says in Chinese what to put right.

    ``code`` is stable and meant for programs. Outer layers turn it into their own refusals.
    """

    code = "tally_refused"

    def __init__(self, message: str) -> None:
        """Take the Chinese sentence that a person will read."""
        self.message = message
        super().__init__(message)


class SchemeError(TallyError):
    """The scheme itself cannot be used.

    ``key_path`` says where, such as ``grades[3].points``; entries of a list are counted from 1, as people count.
    It is empty where the document as a whole is wrong.
    """

    code = "bad_scheme"

    def __init__(self, key_path: str, message: str) -> None:
        """Say where, and what is expected there."""
        self.key_path = key_path
        self.expected = message
        super().__init__(f"考核方案的 {key_path} 有误：{message}" if key_path else f"考核方案有误：{message}")

    def on_line(self, line: int) -> SchemeError:
        """Return the same fault with the line of the file that it is on."""
        fault = SchemeError(self.key_path, self.expected)
        fault.message = f"考核方案第 {line} 行的 {self.key_path} 有误：{self.expected}"
        fault.args = (fault.message,)
        return fault

    def within(self, path: str) -> SchemeError:
        """Return the same fault, named from outside the part that it is in."""
        return SchemeError(f"{path}.{self.key_path}" if self.key_path else path, self.expected)


class ConservationError(TallyError):
    """The numbers cannot all be true (Σ 等次 + 弃权 + 漏选 + 无效 = 收回 ≤ 发出 …): no sheet may be printed."""

    code = "not_conserved"


class MissingBaseError(TallyError):
    """The scheme divides by a number that nobody has said."""

    code = "missing_base"


class MarkError(TallyError):
    """A ballot holds a mark, an item or a voter group that the scheme does not know."""

    code = "unknown_mark"


class ComponentError(TallyError):
    """A component's score is missing, is out of bounds, or depends on itself."""

    code = "bad_component"


class DecisionError(TallyError):
    """A decision of people fits no clause, contradicts another one, or counts one matter twice."""

    code = "bad_decision"


class CompetitionError(TallyError):
    """A vote for K out of N has no more candidates than seats."""

    code = "no_competition"


class SectionError(TallyError):
    """A subject belongs to no section, or to none in particular."""

    code = "bad_section"
