"""Prints docs/permissions.md: ``python docs/write_permissions.py > docs/permissions.md``."""

from __future__ import annotations

from collections.abc import Iterator

from kaohe.domain.permissions import PERMISSIONS, ROLE_HINTS, ROLE_LABELS, STATE_LABELS, Permission, roles_text


def page() -> str:
    """The table of who may do what, for people who do not read programs."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 谁可以做什么"
    yield ""
    yield "本页由 `docs/write_permissions.py` 从 `kaohe/domain/permissions.py` 打印，程序按同一张表放行，测试逐格核对。"
    yield "一个账号可以有几个角色；第一个账号是组织者兼管理员。“—”表示会议处于该状态时谁也不能做。"
    yield "角色属于一个单位，对本单位和所有下级单位的会议、账号、方案有效；其他单位的会议、账号和单位，如同不存在。"
    yield "上级单位的方案可以选用，不能修改或删除。没有下级单位时，一切都在同一个单位，页面上不出现单位。"
    yield ""
    yield "| 角色 | 做什么 |"
    yield "|---|---|"
    for role, label in ROLE_LABELS.items():
        yield f"| {label} | {ROLE_HINTS[role]} |"
    yield ""
    yield "## 与会议状态无关"
    yield ""
    yield "| 操作 | 代号 | 谁可以 |"
    yield "|---|---|---|"
    for permission in PERMISSIONS.values():
        if not permission.is_of_a_meeting:
            where = "（最上级单位）" if permission.is_at_the_top else ""
            yield f"| {permission.label} | `{permission.act}` | {roles_text(permission.ever)}{where} |"
    yield ""
    yield "## 随会议状态而定"
    yield ""
    yield f"| 操作 | 代号 | {' | '.join(STATE_LABELS.values())} |"
    yield f"|---|---|{'---|' * len(STATE_LABELS)}"
    for permission in PERMISSIONS.values():
        if permission.is_of_a_meeting:
            yield f"| {permission.label} | `{permission.act}` | {' | '.join(_cells(permission))} |"
    yield ""
    yield (
        "投票期间换发测评票、为迟到的人另制新票，结束投票、开箱计票、更正已公布的结果、本轮作废、清除整票，"
        "会议可以规定须两人操作：一人提出，另一人确认。"
    )


def _cells(permission: Permission) -> Iterator[str]:
    for state in STATE_LABELS:
        yield roles_text(permission.by_state[state]) or "—"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - printing is what this script is for
