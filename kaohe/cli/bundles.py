"""``kaohe bundle``, ``kaohe verify`` and ``kaohe recount``: the archive, and its checks on any other machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from kaohe import recount
from kaohe.domain.bundles import ENVELOPES, CheckedBundle, challenged_receipts, check_bundle
from kaohe.domain.envelopes import receipt
from kaohe.domain.errors import BundleBroken, FieldInvalid
from kaohe.domain.record_chain import MILESTONE_LABELS, REPLACED, ChainEntry, head_text, key_fingerprint
from kaohe.domain.signed_receipts import SignedReceipt, read_signed_receipt

_LARGEST = 1_000_000_000


@click.command("bundle")
@click.argument("meeting_id", metavar="ID")
@click.option(
    "--out",
    "path",
    required=True,
    metavar="FILE.zip",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写到这个文件。",
)
@click.option("--round", "round_number", type=int, metavar="N", help="第几轮；不写则为最后一轮。")
def bundle_command(meeting_id: str, path: Path, round_number: int | None) -> None:
    """导出归档包：选票（次序已打乱）、票数、方案、结果、操作记录、回执和文件。内含整票，请密封保管；选票清除后只有票数。"""  # noqa: D415 - help text
    # The other two commands need no database, so only this one loads it.
    from kaohe.cli.application import application  # noqa: PLC0415
    from kaohe.operations.archive.bundling import make_bundle  # noqa: PLC0415

    with application():
        document = make_bundle(meeting_id, round_number)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(document.content)
        unfinished.replace(path)
    except OSError as error:
        raise FieldInvalid(f"文件 {path} 无法写入，请换一个位置，或检查权限和剩余空间。") from error
    click.echo(str(path))


@click.command("verify")
@click.argument("path", metavar="BUNDLE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--head", metavar="CODE", help="会上宣读、拍照或汇总表上印的操作记录校验码，一并核对。")
@click.option(
    "--receipt", "receipts", multiple=True, metavar="TEXT", help="签名回执二维码中的文字，一并核对；可以重复。"
)
def verify_command(path: Path, head: str | None, receipts: tuple[str, ...]) -> None:
    """核验归档包，不需要数据库。完好时退出码为 0，有任何改动、缺失或次序变化时为 1。"""  # noqa: D415 - help text
    if path.stat().st_size > _LARGEST:
        raise FieldInvalid("文件过大，不是归档包。")
    try:
        checked = check_bundle(path.read_bytes())
    except BundleBroken as broken:
        click.echo(f"核验不通过：{broken.message}")
        sys.exit(1)
    heads = _heads(checked)
    click.echo(f"会议：{checked.title}，第 {checked.origin.round_number} 轮")
    click.echo(f"归档包完好：{len(checked.files)} 个文件，操作记录 {len(checked.entries)} 条，均与签名相符。")
    if checked.purged_at is not None:
        day = datetime.fromisoformat(checked.purged_at).astimezone().date()
        click.echo(
            f"选票已于 {day} 清除：票数与清除时所记相符，结果可由票数用 kaohe recount 复算；"
            "选票、回执和信封摘要已销毁，不能逐票核对。"
        )
    click.echo(f"签名钥匙指纹：{checked.key_fingerprint}")
    for entry in checked.entries:
        if entry.act == REPLACED:
            former = entry.detail["former_key"]
            with_what = (
                f"签名钥匙 {key_fingerprint(bytes.fromhex(former))} 核对" if former else "前后衔接核对，没有签名可核"
            )
            click.echo(f"第 {entry.seq} 条操作记录更换了密钥：此前的记录以{with_what}。")
    for label, text in heads:
        click.echo(f"操作记录校验码（截至{label}）：{text}")
    said = [_compared(heads, head)] if head is not None else []
    said += [_judged(checked, read_signed_receipt(text)) for text in receipts]
    for _, sentence in said:
        click.echo(sentence)
    if not all(is_right for is_right, _ in said):
        sys.exit(1)


@click.command("recount", context_settings={"ignore_unknown_options": True})
@click.argument("path", metavar="BUNDLE", type=click.Path(exists=True, dir_okay=False))
def recount_command(path: str) -> None:
    """由归档包中的选票（已清除的，由保留的票数）独立重新计票，逐项对照公布的结果。一致时退出码为 0，不一致时为 1。"""  # noqa: D415 - help text
    sys.exit(recount.main([path]))


def _compared(heads: Sequence[tuple[str, str]], said: str) -> tuple[bool, str]:
    """Whether a head is one of those that were announced, and the sentence that says what that proves."""
    places = {text.replace(" ", ""): place for place, (_, text) in enumerate(heads)}
    place = places.get("".join(said.lower().split()))
    if place is None:
        return False, "核验不通过：所给的操作记录校验码不在其中，归档包可能被整体替换过。"
    told = f"所给的操作记录校验码相符：截至{heads[place][0]}。"
    if any(label == MILESTONE_LABELS["purged"] for label, _ in heads[place + 1 :]):
        told += "它早于清除选票，不能证明保留的票数没有改动；票数请用清除选票及以后的校验码核对。"
    return True, told


def _judged(checked: CheckedBundle, said: SignedReceipt) -> tuple[bool, str]:
    """Whether a signed receipt and the bundle agree, and what that proves."""
    origin, named = checked.origin, receipt(said.digest)
    key = checked.receipts_key
    if key is None or ENVELOPES not in checked.files:
        why = "本轮由较早的版本开始，没有留下签名钥匙或信封摘要清单，不能核对"
        if checked.purged_at is not None:
            why = "信封摘要清单已随选票清除，不能再核对，请用清除之前的归档包核验"
        return False, f"回执 {named}：{why}。"
    if (said.meeting_id, said.round_number) != (origin.meeting_id, origin.round_number):
        return False, f"回执 {named}：属于另一场会议或另一轮，请用那一轮的归档包核验。"
    if not said.is_by(key):
        return False, f"回执 {named}：签名不符，不是本系统签发的，证明不了什么。"
    if said.digest.hex() not in checked.files[ENVELOPES].decode().splitlines():
        return (
            False,
            f"回执 {named}：签名有效，拆票时的信封摘要清单里却没有它：系统确认收到的一张票不在票箱里，证据成立。",
        )
    if named in challenged_receipts(origin, checked.entries):
        return True, f"回执 {named}：签名有效，票在票箱里，是监票人的抽查票，不计入结果。"
    return True, f"回执 {named}：签名有效，票在票箱里，已经计入。"


def _heads(checked: CheckedBundle) -> list[tuple[str, str]]:
    return [
        (f"{_round_text(entry)}{MILESTONE_LABELS[entry.act]}", head_text(entry.digest))
        for entry in checked.entries
        if entry.act in MILESTONE_LABELS
    ]


def _round_text(entry: ChainEntry) -> str:
    """The round of an entry; '' for a purge, which is of all rounds at once."""
    number = entry.detail.get("round")
    return "" if number is None else f"第 {number} 轮"
