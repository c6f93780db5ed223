"""What every refusal has."""

from __future__ import annotations

import re


class KaoheError(Exception):
    """A refusal. It changes nothing; ``message`` says in Chinese what to do.

    ``code`` is stable and meant for programs: the class's name, such as ``ticket_used`` for ``TicketUsed``, where the
    class states no other. ``http_code`` is the reply's code on the web.
    """

    code = "refused"
    http_code = 400
    text = "操作未能完成，请返回后重试。"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in vars(cls):
            cls.code = "_".join(re.findall("[A-Z][a-z]+", cls.__name__)).lower()

    def __init__(self, message: str | None = None) -> None:
        """Take a sentence more exact than the class's own, where there is one."""
        self.message = message or self.text
        super().__init__(self.message)
