"""Refusals of the machine, the data folder and its backups."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class DataFolderUnwritable(KaoheError):
    """The folder for the database and the secrets cannot be written."""

    http_code = 500
    text = "数据目录无法写入，请检查 KAOHE_DATA 指定的位置和权限。"


class SecretsMismatch(KaoheError):
    """The secrets file is damaged, is not there, or is not the one that the database was made with."""

    http_code = 500
    text = "密钥文件已损坏或与数据库不匹配，请放回原来的 secrets.json 后再启动。"


class DatabaseInUse(KaoheError):
    """Another process, such as the running server, has the database open."""

    http_code = 409
    text = "数据库正在使用中。请先停止服务器（Ctrl+C），并关闭其他正在使用数据目录的程序，再恢复。"


class BackupRefused(KaoheError):
    """A backup cannot be made here, or not to this place; nothing was written."""

    http_code = 409
    text = "不能在这里备份，请换一个位置。"


class BackupBroken(KaoheError):
    """A file is no backup of kaohe's, or was damaged or changed."""

    http_code = 422
    text = "备份文件不完整或被改动过，不能使用，请换一份备份。"


class BackupOlder(KaoheError):
    """Restoring would undo what has been done since the backup was made."""

    http_code = 409
    text = "备份早于现在的数据，恢复会丢失之后的操作和选票，没有恢复。"


class SecretsFit(KaoheError):
    """The secrets are those that the database was made with, so nothing has to be replaced."""

    http_code = 409
    text = "密钥文件与数据库相符，不需要更换，什么也没有改变。"
