"""Refusals of the machine, the data folder and its backups, and of a request whatever it was about."""

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


class WorkStopped(KaoheError):
    """The process that a piece of work was given to has ended before it; nothing was changed, unless it says so."""

    http_code = 503
    text = "这项工作中途停止，没有完成，数据没有改变。请再试一次；如仍不行，请告诉技术人员。"


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


class PackingBusy(KaoheError):
    """This server is packing files for somebody already."""

    http_code = 409
    text = "服务器正在打包另一份归档文件。请等它下载完，再打包这一份。"


class FontMissing(KaoheError):
    """There is no Chinese font here that may be put into a document."""

    http_code = 409
    text = (
        "本机没有找到可以嵌入的中文字体，不能生成 PDF。请用打印页打印或另存为 PDF；"
        "或请会务人员安装中文字体，或在 KAOHE_FONT 中指定字体文件后重启。"
    )


class CharacterWithoutFont(KaoheError):
    """None of the fonts here has a character that the document is to show; the message names it."""

    http_code = 409
    text = "本机的字体缺少文件中的某个字，没有生成 PDF。请改用打印页或 Word。"


class NotFound(KaoheError):
    """The address names nothing that exists."""

    http_code = 404
    text = "没有找到您要的页面，请检查网址，或返回首页。"


class BodyCut(KaoheError):
    """The request broke off before its end."""

    text = "提交的内容没有传完，未予接收。请检查网络后重新提交。"


class BodyTooLarge(KaoheError):
    """The request is larger than any honest one."""

    http_code = 413
    text = "提交的内容过大，未予接收。请精简后重试。"


class HostUnknown(KaoheError):
    """The request asks for a name that is not this server's."""

    http_code = 400
    text = (
        "这个网址不是本服务器的网址，请扫描票上的二维码，或使用服务器启动时显示的网址。"
        "如需使用别的域名，请会务人员在 KAOHE_HOSTS 中写明。"
    )


class FieldInvalid(KaoheError):
    """A value typed by an organizer is out of its bounds; the message names it."""

    http_code = 422
    text = "填写的内容不符合要求，请核对后再保存。"
