"""Why a file that an office brings is not read: one class and one stable code each."""

from __future__ import annotations

from kaohe.domain.errors import KaoheError


class SpreadsheetRefusal(KaoheError):
    """Any refusal of a file; nothing of it was taken."""

    code = "spreadsheet_refused"
    http_code = 422
    text = "这个文件没有读成，请另存为 .xlsx 后再上传。"


class SpreadsheetBroken(SpreadsheetRefusal):
    """The file says that it is a workbook, or text, but cannot be read as one."""

    text = "文件已损坏或不完整，没有读成。请用 Excel 或 WPS 打开检查，另存为 .xlsx 后再上传。"


class SpreadsheetEncrypted(SpreadsheetRefusal):
    """The workbook is locked with a password."""

    text = "文件设有打开密码，请先取消密码再上传。"


class SpreadsheetTooLarge(SpreadsheetRefusal):
    """The file is over a limit, or unpacks to more than is reasonable."""

    http_code = 413
    text = "文件太大，没有读取。请只保留考核对象名单，另存为新的 .xlsx 后再上传。"


class SpreadsheetWrongType(SpreadsheetRefusal):
    """The bytes are of some other kind of file, whatever the name says."""

    text = "这不是电子表格。请上传 .xlsx、.xls、.ods 或 .csv 文件。"


class SpreadsheetEmpty(SpreadsheetRefusal):
    """The file is sound but holds no text at all."""

    text = "表格里没有内容，请填好考核对象名单后再上传。"
