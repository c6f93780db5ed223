"""Checks before the server accepts connections: disk, database, secrets, clock, open files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography.x509 import (
    Certificate,
    DNSName,
    ExtensionNotFound,
    IPAddress,
    SubjectAlternativeName,
    load_pem_x509_certificates,
)

from kaohe.operations.count.box_keys import list_key_warnings
from kaohe.operations.server.health import STORE, free_mb_rounded, readiness
from kaohe.operations.setup.checking import servers_without_keys
from kaohe.storage.clock import moment_text, now
from kaohe.storage.database import is_sqlite, reading
from kaohe.storage.disk import free_mb
from kaohe.storage.installation import this_config
from kaohe.storage.last_backup import last_backup_at
from kaohe.storage.media import may_hibernate, open_swap, volume_of
from kaohe.storage.record import latest_time
from kaohe.storage.secrets_file import FILE_NAME
from kaohe.storage.secrets_mark import has_other_mark
from kaohe.storage.settings_read_back import Promise, Setting, read_settings
from kaohe.storage.starting import DatabaseUnusable
from kaohe.storage.storage_faults import STORAGE_FAULT_TEXTS, StorageFault
from kaohe.storage.witness import Missing, list_missing

FEWEST_FILES = 4096
"""With fewer open files a large hall's phones would not all get a connection."""
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""The program is not older than this, so a clock that shows less is wrong."""
_CLOCK_MAY_LAG = timedelta(minutes=5)
_CERTIFICATE_ENDS_SOON = timedelta(days=14)
_BACKUP_IS_OLD = timedelta(days=7)

_NOT_READY: Final = {
    "database": "数据库没有应答，请检查数据库服务和磁盘。",
    "migrations": "数据库不是本版本的，本服务器不收票：请停止它，改用那个版本，或运行 kaohe upgrade。",
    "secrets": "数据库已改用另一份密钥文件 secrets.json，本服务器不认识它的票，请停止服务器，放入同一份再启动。",
    "stopping": "本服务器正在停止，不再接受新的连接；前面的代理会把手机转到另一台。",
    "box": "有一批选票长时间没有存完，请关闭正在占用数据库的备份、同步等程序；手机会自动重试，不会丢票。",
}
"""Why no ballots can be taken, in words; a full disk has a line of its own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One checked matter, in a sentence."""

    is_good: bool
    text: str


def check_server(files_at_most: int | None) -> Sequence[Check]:
    """What an operator should read before a meeting; ``files_at_most`` is None where the system sets no limit.

    Raises:
        DatabaseUnusable: the database would lose acknowledged ballots in a power cut.
    """
    matters = [_disk(free_mb()), *_database(), *_witness(), _secrets(), *_keys(), _clock(), *_certificate()]
    return [*matters, *_backup(), _files(files_at_most), *_traces()]


def check_running() -> Sequence[Check]:
    """What an operator should read while the server runs: whether it could take ballots now, and why not."""
    # Rounded: the database grows with every ballot.
    found = [_box(), _disk(free_mb_rounded())]
    try:
        found += _database()
    except DatabaseUnusable as error:
        found.append(Check(is_good=False, text=f"数据库：{error.message}"))
    return [*found, *_keys(), _clock(), *_backup(), *_certificate()]


def _box() -> Check:
    for reason in readiness().reasons:
        if reason in _NOT_READY:
            return Check(is_good=False, text=f"收票：{_NOT_READY[reason]}")
        if reason.startswith(STORE):
            return Check(is_good=False, text=f"收票：{STORAGE_FAULT_TEXTS[StorageFault(reason.removeprefix(STORE))]}")
    return Check(is_good=True, text="收票：现在可以收票，试写数据库正常。")


def _disk(free: int) -> Check:
    floor = this_config().disk_floor_mb
    if free < floor:
        return Check(is_good=False, text=f"磁盘：只剩 {free} MB，少于 {floor} MB，不能开始投票，请先腾出空间。")
    return Check(is_good=True, text=f"磁盘：剩余 {free} MB，够用（下限 {floor} MB）。")


def _database() -> list[Check]:
    settings = read_settings()
    broken = [setting for setting in settings if setting.promise is Promise.DURABLE and not setting.is_right]
    if broken:
        names = "、".join(f"{setting.name}={setting.found}" for setting in broken)
        where = "请把数据目录放在本机磁盘上，不要放在网络盘。" if is_sqlite() else "请修改 PostgreSQL 的设置。"
        raise DatabaseUnusable(f"数据库不能保证断电不丢票（{names}），已停止启动。{where}")
    checks = [Check(is_good=True, text="数据库：写入设置已核对，断电不丢已收到的票。")]
    telling = [setting for setting in settings if setting.promise is Promise.SILENT and not setting.is_right]
    if telling:
        names = "、".join(f"{setting.name}={setting.found}" for setting in telling)
        checks.append(Check(is_good=False, text=f"数据库：设置 {names} 会记下选票或投票时间，改正以前不能开始投票。"))
    return [*checks, *_standby([setting for setting in settings if setting.promise is Promise.STANDBY])]


def _standby(settings: Sequence[Setting]) -> Sequence[Check]:
    """Whether the ballots outlive the machine of the database; nothing where it is this one's own."""
    if not settings:
        return []
    named, *waits = settings
    if not named.is_right:
        what = "备库：没有同步备库，数据库所在的机器损坏时可能丢失已收到的票，请设置 synchronous_standby_names。"
        return [Check(is_good=False, text=what)]
    late = [
        f"备库：{each.name}={each.found} 不等备库存妥，主库损坏时可能丢票，请改为 on。"
        for each in waits
        if not each.is_right
    ]
    return [Check(is_good=not late, text=late[0] if late else f"备库：每张票由备库（{named.found}）存妥后才算收到。")]


def _witness() -> Sequence[Check]:
    """What is missing of what this machine has seen; nothing where the database is as new as it."""
    with reading() as session:
        missing = list(list_missing(session))
    return [Check(is_good=False, text=f"见证：“{each.title or '本机'}”{_what_is_missing(each)}") for each in missing]


def _what_is_missing(each: Missing) -> str:
    what = f"收到过至少 {each.ballots} 张票，数据库里没有" if each.ballots else "有操作不在数据库的记录里"
    return (
        f"{what}，可能放回了旧的副本。请停止服务器，放回较新的数据库；"
        "确要用这一份，请由两人同意，用 kaohe restore 恢复。"
    )


def _secrets() -> Check:
    if has_other_mark():
        return Check(is_good=False, text=f"密钥：{_NOT_READY['secrets']}")
    return Check(is_good=True, text=f"密钥：{FILE_NAME} 与数据库相符；请另存一份，没有它，票和没开箱的票箱都不能再用。")


def _keys() -> Sequence[Check]:
    with reading() as session:
        apart = servers_without_keys(session)
    unread = [f"“{title}”{why}" for title, why in list_key_warnings()]
    return [Check(is_good=False, text=f"钥匙：{text}") for text in (*unread, apart) if text]


def _traces() -> Sequence[Check]:
    """Where overwritten keys, or the memory in which ballots are opened, could be found again on a disk."""
    volume, found = volume_of(this_config().key_folder), []
    if not (volume.is_overwritten or volume.is_encrypted):
        where = f"在 {volume.file_system} 文件系统上，" if volume.file_system else ""
        found.append(
            f"介质：钥匙目录{where}所在的磁盘（固态硬盘、虚拟磁盘、快照等）不保证覆盖后旧内容消失，"
            "操作记录所写“已覆盖”以此为限：请启用全盘加密，或由监票人保管钥匙。"
        )
    if swap := open_swap():
        sleeping = "，休眠时整个内存都会写入" if may_hibernate() else ""
        found.append(
            f"内存：系统开着未加密的交换区 {'、'.join(swap)}{sleeping}，"
            "开箱时内存里的内容可能留在磁盘上：计票前请关闭交换区（sudo swapoff -a）和休眠，或加密磁盘。"
        )
    return [Check(is_good=False, text=text) for text in found]


def _clock() -> Check:
    moment = now()
    with reading() as session:
        latest = latest_time(session)
    shown = moment_text(moment)
    if moment < _EARLIEST or (latest is not None and moment < latest - _CLOCK_MAY_LAG):
        return Check(
            is_good=False,
            text=f"时钟：本机时间 {shown} 早于已有的操作记录，请校准；不影响收票，但记录里的时间会不准。",
        )
    return Check(is_good=True, text=f"时钟：本机时间 {shown}。")


def _backup() -> Sequence[Check]:
    """When the last backup was made; nothing where PostgreSQL's own tools make them."""
    if not is_sqlite():
        return []
    at = last_backup_at()
    if at is None:
        return [Check(is_good=True, text="备份：还没有做过，会后请运行 kaohe backup 做一份。")]
    if now() - at > _BACKUP_IS_OLD:
        return [Check(is_good=False, text=f"备份：上一次在 {moment_text(at)}，已经很久，请再做一份。")]
    return [Check(is_good=True, text=f"备份：上一次在 {moment_text(at)}，已核对。")]


def _certificate() -> Sequence[Check]:
    """Whether phones will believe the certificate, where the server has one."""
    files = this_config().certificate
    if files is None:
        return []
    name = urlsplit(this_config().public_url).hostname or ""
    try:
        first, *_ = load_pem_x509_certificates(files.chain.read_bytes())
    except (OSError, ValueError):
        return [Check(is_good=False, text="证书：文件现在打不开，新的连接仍用原来的证书。")]
    trouble = _trouble_of(first, name)
    return [Check(is_good=not trouble, text=f"证书：{trouble or f'{name}，{_day(first)} 到期。'}")]


def _trouble_of(certificate: Certificate, name: str) -> str:
    """Why phones will not believe a certificate, or soon will not; '' where they will."""
    if not certificate.not_valid_before_utc <= now() <= certificate.not_valid_after_utc:
        return f"不在有效期内（{_day(certificate)} 到期），手机会拒绝打开，请更换证书，或校准时钟。"
    if not _is_named(certificate, name):
        return f"上面没有 {name} 这个名字，手机会拒绝打开，请更换证书或 KAOHE_URL。"
    if certificate.issuer == certificate.subject:
        return "是自签的，每部手机都会报警，请换成受信任的机构签发的，或者不用 HTTPS。"
    if now() > certificate.not_valid_after_utc - _CERTIFICATE_ENDS_SOON:
        return f"{_day(certificate)} 到期，请及时更换；换好文件后不需要重新启动。"
    return ""


def _day(certificate: Certificate) -> str:
    return f"{certificate.not_valid_after_utc.astimezone():%Y-%m-%d}"


def _is_named(certificate: Certificate, name: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return False
    written = {*map(str, names.get_values_for_type(DNSName)), *map(str, names.get_values_for_type(IPAddress))}
    return bool({name, f"*.{name.partition('.')[2]}"} & {each.lower() for each in written})


def _files(at_most: int | None) -> Check:
    if at_most is not None and at_most < FEWEST_FILES:
        return Check(
            is_good=False,
            text=f"连接：系统只允许同时打开 {at_most} 个文件，人多时手机会连不上，请用 ulimit -n 调高后再启动。",
        )
    return Check(is_good=True, text="连接：" + ("不限。" if at_most is None else f"最多约 {at_most} 台手机同时连接。"))
