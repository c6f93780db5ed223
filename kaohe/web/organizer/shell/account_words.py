"""The record of acts that belong to no meeting, on accounts, people, units and tokens, in plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kaohe.domain.permissions import roles_text
from kaohe.storage.accounts import read_roles

_SENTENCES: Final[Mapping[str, str]] = {
    "made_sign_in_link": "生成邀请链接{roles}{in_unit}",
    "created_account": "建立账号{roles}{in_unit}",
    "moved_account": "把{account}的角色由“{before}”改到“{unit}”",
    "registered_person": "登记人员{person}",
    "changed_person": "登记变动：{person}，现为{now}",
    "merged_people": "合并人员记录：{name}并入{person}，理由：{reason}",
    "took_people_apart": "撤销合并：{name}不再与{person}为同一人，理由：{reason}",
    "added_unit": "在“{above}”之下建立单位“{unit}”",
    "renamed_unit": "把单位“{unit}”改名为“{name}”",
    "moved_unit": "把单位“{unit}”由“{before}”移到“{above}”之下",
    "merged_unit": "把单位“{unit}”并入“{above}”，{left} 人随之变动，理由：{reason}",
    "made_api_token": "为{system}生成接口令牌，可读取{unit}",
    "revoked_api_token": "停用{system}的接口令牌",
    "closed_unit": "撤销单位“{unit}”",
    "reopened_unit": "恢复单位“{unit}”",
    "changed_password": "修改自己的密码",
    "made_password_link": "为{account}生成重设密码的链接",
    "set_password": "用链接重设了密码",
    "changed_roles": "把{account}的角色由{old_roles}改为{new_roles}",
    "locked_account": "停用{account}",
    "unlocked_account": "恢复{account}",
    "ended_sign_in": "退出{account}的登录",
    "locked_out": "连续输错，暂时锁定",
    "turned_on_second_factor": "开启两步验证",
    "turned_off_second_factor": "关闭自己的两步验证",
    "reset_second_factor": "重置{account}的两步验证",
    "renewed_recovery_codes": "更换恢复码",
    "replaced_secrets": "密钥文件丢失，改用新的：全部登录退出，两步验证须重新开启",
    "restored": "恢复了备份",
    "used_recovery_code": "用恢复码登录，剩余 {left} 个",
}
_TOLD: Final = ("before", "left", "unit", "above", "name", "person", "now", "system", "reason")


def account_act_text(act: str, detail: Mapping[str, str]) -> str:
    """The sentence that a person reads; an act without one is shown by its own name rather than left out."""
    sentence = _SENTENCES.get(act)
    if sentence is None:
        return f"其他操作（{act}）"
    roles = roles_text(read_roles(detail.get("roles", "")))
    told = {name: detail.get(name, "未记") for name in _TOLD}
    return sentence.format(
        **told,
        account=f"“{detail.get('account', '未记')}”",
        roles=f"，角色为{roles}" if roles else "",
        old_roles=roles_text(read_roles(detail.get("before", ""))) if act == "changed_roles" else "",
        new_roles=roles,
        in_unit=f"，单位为“{detail['unit']}”" if "unit" in detail else "",
    )
