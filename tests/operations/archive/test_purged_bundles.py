"""The archive after the purge: no ballot, but the counts that stay and every version, verified and computed anew."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from scene import CHAIR, THREE_GROUPS, cast, filled, hold_meeting, prepare_meeting, put_scheme
from sqlalchemy import text

from kaohe import recount
from kaohe.cli.bundles import verify_command
from kaohe.domain.bundles import MANIFEST, SIGNATURE, CheckedBundle, check_bundle, pack_bundle
from kaohe.domain.errors import BundleBroken, CountAltered, GroupTooSmall
from kaohe.operations.archive.bundling import load_bundle_for_console, make_bundle
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.correcting import correct_result
from kaohe.operations.count.importing_scores import import_periods, import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.recording import record_head
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.ruling import rule
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.setup.deciding import decide
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import transaction
from kaohe.storage.installation import these_secrets
from kaohe.tally.model import Decision, Period, Ruling

SCHEME = """
format = 1
key = "own"
title = "自定方案"
bonus_limit = 5
grades = [
  { key = "excellent", label = "优秀", points = 100 },
  { key = "competent", label = "称职", points = 80 },
]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
clauses = [{ key = "bonus", label = "加分", effect = "bonus" }]
components = [
  { key = "checks", label = "日常检查", weight = 50, source = "imported" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
flags = [{ key = "twice", label = "连续两期称职", kind = "tier", tiers = ["competent"], running = 2 }]
bands = [{ key = "excellent", label = "优秀", from = 90 }, { key = "competent", label = "称职" }]
"""
REASON = "考核办书面同意"
ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
"""Of what asks the database nothing that other tests do not ask of both."""


def corrected_after_the_purge() -> str:
    """(85 + 80) ÷ 2 = 82.50 was published; 95 and 5 points of bonus make 92.50; then people give the lower tier.

    The period before had the lower tier too.
    """
    scene = prepare_meeting(names=("张伟", "李娜"))
    put_scheme(scene.meeting_id, parse_scheme_text(SCHEME))
    open_meeting(CHAIR, scene.meeting_id)
    for code in scene.all_codes[:5]:
        cast(scene.meeting_id, code, "competent", "excellent")
    import_scores(CHAIR, scene.meeting_id, "checks", {"s1": Fraction(85), "s2": Fraction(90)})
    import_periods(CHAIR, scene.meeting_id, {"s1": [Period("第三季度", Fraction(88), "称职")]})
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    purge_meeting(CHAIR, scene.meeting_id, forced_reason=REASON)
    import_scores(CHAIR, scene.meeting_id, "checks", {"s1": Fraction(95)})
    decide(CHAIR, scene.meeting_id, Decision("s1", "bonus", "获市级表彰", Fraction(5)))
    correct_result(CHAIR, scene.meeting_id, "录入有误")
    rule(CHAIR, scene.meeting_id, ["s1"], Ruling("审定", "", "competent", "受到投诉"))
    correct_result(CHAIR, scene.meeting_id, "复核后改定")
    return scene.meeting_id


def recounted(path: Path, content: bytes) -> int:
    path.write_bytes(content)
    return recount.main([str(path)])


def verified(path: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(verify_command, [str(path), *options])
    return done.exit_code, done.output


def own_files(checked: CheckedBundle) -> dict[str, bytes]:
    return {name: content for name, content in checked.files.items() if name not in (MANIFEST, SIGNATURE)}


def test_what_was_corrected_after_the_purge_is_archived_verified_and_computed_from_the_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = corrected_after_the_purge()
    rows = [load_counted(held, version=number).result.subjects[0] for number in (1, 2, 3)]
    document = make_bundle(held)
    checked = check_bundle(document.content)

    assert [(row.score.text, row.tier_label, [flag.key for flag in row.flags]) for row in rows if row.score] == [
        ("82.50", "称职", ["twice"]),
        ("92.50", "优秀", []),
        ("92.50", "称职", ["twice"]),
    ]
    assert recounted(tmp_path / "b.zip", document.content) == 0
    said = capsys.readouterr().out
    purged_at = load_counted(held).round.purged_at
    assert purged_at is not None
    today = purged_at.astimezone().date().isoformat()
    assert f"选票已于 {today} 清除：由保留的票数重新计算，不能逐票核对。" in said
    assert "完全一致：5 张票，2 个考核对象" in said
    assert not {"ballots.csv", "receipts.txt", "envelopes.txt"} & set(checked.files)
    assert {"kept.json", "versions/1/result.json", "versions/2/result.json"} <= set(checked.files)
    assert "没有选票" in checked.files["documents/选票已清除.txt"].decode()
    assert json.loads(checked.files["meeting.json"])["purged_on"] == today
    assert document.name.endswith("（选票已清除）.zip")
    assert make_bundle(held).content == document.content
    head = record_head(held)
    assert head is not None
    assert head.act == "corrected"
    assert verified(tmp_path / "b.zip", "--head", head.text)[0] == 0
    assert [entry.act for entry in checked.entries if entry.act in ("purged", "corrected")] == [
        "purged",
        "corrected",
        "corrected",
    ]


@ON_SQLITE
def test_not_even_who_has_the_key_packs_another_count_version_decision_or_number() -> None:
    checked = check_bundle(make_bundle(corrected_after_the_purge()).content)
    files = own_files(checked)

    for name, old, new, told in (
        ("kept.json", b"[0, 5]", b"[5, 0]", "票数与清除选票时所记"),
        ("versions/1/inputs.json", b'"85"', b'"90"', "公布时所记"),
        ("versions/1/inputs.json", "第三季度".encode(), "第二季度".encode(), "公布时所记"),
        ("versions/2/inputs.json", b'"5"', b'"3"', "公布时所记"),
        ("inputs.json", b'"competent"', b'"excellent"', "公布时所记"),
        ("numbers.json", b'"entitled": 12', b'"entitled": 11', "公布时所记"),
    ):
        other = files[name].replace(old, new)
        assert other != files[name]
        with pytest.raises(BundleBroken, match=told):
            check_bundle(pack_bundle(checked.origin, files | {name: other}, these_secrets().signing_key))


@ON_SQLITE
def test_a_version_that_the_counts_do_not_give_is_told_by_the_recount(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = check_bundle(make_bundle(corrected_after_the_purge()).content)
    files = own_files(checked)
    result = files["versions/1/result.json"].replace(b'"82.50"', b'"92.50"')
    forged = pack_bundle(checked.origin, files | {"versions/1/result.json": result}, these_secrets().signing_key)

    assert check_bundle(forged)
    assert recounted(tmp_path / "b.zip", forged) == 1
    assert "versions/1/result.json subjects 第 1 行（张伟） score：记载 92.50，重计 82.50" in capsys.readouterr().out


def test_counts_or_versions_that_were_changed_in_the_database_get_into_no_bundle() -> None:
    held = corrected_after_the_purge()
    with transaction() as session:
        session.execute(text("UPDATE result_versions SET inputs = replace(inputs, '85', '90') WHERE number = 1"))
    with pytest.raises(CountAltered, match="其他成绩、往期或认定"):
        make_bundle(held)
    with transaction() as session:
        session.execute(text("UPDATE rounds SET kept_counts = replace(kept_counts, '[0, 5]', '[5, 0]')"))
    with pytest.raises(CountAltered, match="保留的票数"):
        make_bundle(held)


@ON_SQLITE
def test_verify_says_what_it_cannot_show_any_more_and_knows_the_heads_that_were_shown(tmp_path: Path) -> None:
    scene = hold_meeting(groups=THREE_GROUPS)
    nonce = {"ticket": scene.all_codes[0], "nonce": "a-nonce-of-one-phone", "round_number": ""}
    mine = cast_ballot(scene.meeting_id, "1", **nonce, fields=filled(scene.meeting_id, "excellent"))
    for code in scene.all_codes[1:20]:
        cast(scene.meeting_id, code, "excellent", "competent", "abstain")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    heads = [record_head(scene.meeting_id)]
    purge_meeting(CHAIR, scene.meeting_id, forced_reason=REASON)
    heads.append(record_head(scene.meeting_id))
    path = tmp_path / "b.zip"
    path.write_bytes(make_bundle(scene.meeting_id).content)

    assert [head.act for head in heads if head] == ["published", "purged"]
    for head, is_earlier in zip(heads, (True, False), strict=True):
        code, said = verified(path, "--head", head.text if head else "")
        assert (code, "选票、回执和信封摘要已销毁，不能逐票核对" in said) == (0, True)
        assert ("早于清除选票，不能证明保留的票数没有改动" in said) is is_earlier
    assert verified(path, "--head", "0000 " * 8)[0] == 1
    code, said = verified(path, "--receipt", mine.signed)
    assert (code, "请用清除之前的归档包核验" in said) == (1, True)
    # What a small group has chosen stays as hidden as it was.
    with pytest.raises(GroupTooSmall):
        load_bundle_for_console(scene.meeting_id, 1)
