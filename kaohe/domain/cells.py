"""Cells of the sheets that offices bring, cleaned alike for every kind of list."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BRACKETED = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]?")
HAN = r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003FFFF]"
"""One Chinese character, as a regular expression."""
NOT_COMPUTED: Final = "#未计算"
"""The text of a cell with a formula of which the workbook holds no result: some programs leave that to Excel."""
SEXES: Final = frozenset({"男", "女"})
COMPOUND_SURNAMES: Final = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐司徒夏侯端木长孙宇文轩辕独孤南宫申屠呼延太史闻人澹台赫连",
    )
)
_PERSONAL: Final = re.compile(
    r"(?<![\w.+@-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\d)(?:\d{17}[\dXx\uff38\uff58]|\d{15,19}"
    r"|[1\uff11][3-9\uff13-\uff19]\d(?:[ -]?\d{4}){2}|[0\uff10]\d{2,3}[ -]?\d{7,8})(?!\d)"
)
"""An address of mail, the number of an identity or bank card, a mobile telephone, or a telephone with its area."""
_BEFORE_BRACKET: Final = re.compile(rf"(?<={HAN})\s+(?=[(（])")
_ALL_HAN = re.compile(rf"{HAN}+")
_DOTS = re.compile(r"\s*[·•‧∙⋅・･●◦᛫⸱ꞏ˙](?=\s*\w)\s*|(?<=[\u3400-\u9fff])\s*[.\uff0e。](?=\s*[\u3400-\u9fff])\s*")
# Characters of GBK that early systems kept among the private ones; fourteen have found their place later than the rest.
_LATER_CODES: Final = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
_OLD_BYTES: Final = [at for at in range(0x50, 0xA1) if at != 0x7F]  # noqa: PLR2004 - the byte that GBK leaves out
OLD_CODES: Final = {
    code: _LATER_CODES.get(code) or bytes((0xFE, at)).decode("gb18030")
    for code, at in enumerate(_OLD_BYTES, start=0xE815)
}
"""Private codes of old systems and the characters that they stand for, as ``str.translate`` takes them."""
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters by category, yet they draw nothing: two different names would look alike.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffe\uffff")


def clean(raw: str) -> str:
    """The text in NFC, trimmed, with each run of white space (line breaks in a cell too) as one space."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", raw)).strip()


def has_personal_data(text: str) -> bool:
    """Whether a text holds the number of a card or a telephone, or an address of mail, which no list needs."""
    return _PERSONAL.search(text) is not None


def without_personal_data(text: str) -> str:
    """The text as it is shown: no number of a card or a telephone in it, and no address of mail."""
    return _PERSONAL.sub("（号码略）", text)


def plain_name(text: str) -> str:
    """A name as it is stored and compared: no spaces inside a Han name or before a bracket, one kind of middle dot.

    "张　三" is 张三, "欧 阳 娜 娜" is 欧阳娜娜. Words of two characters or more stay apart, since each may be a person,
    and so does 男 or 女 after a whole name; 欧阳 alone is none.
    """
    name = _BEFORE_BRACKET.sub("", _DOTS.sub("·", clean(text).translate(OLD_CODES)))
    parts = name.split(" ")
    is_spread = all(_ALL_HAN.fullmatch(part) for part in parts) and any(len(part) == 1 for part in parts)
    is_whole = parts[0] not in COMPOUND_SURNAMES or len(parts) > 2  # noqa: PLR2004 - 欧阳 娜 女
    has_sex = parts[-1] in SEXES and len(parts[0]) > 1 and is_whole
    return "".join(parts) if is_spread and not has_sex else name


def private_character(text: str) -> str | None:
    """The first character of a text that only one office's computers can draw, where there is one."""
    return next((ch for ch in text if unicodedata.category(ch) == "Co"), None)


def heading_of(cell: str) -> str:
    """A heading as it is compared: without remarks in brackets, spaces, signs and what cannot be seen."""
    text = unicodedata.normalize("NFKC", _BRACKETED.sub("", cell))
    return "".join(
        ch for ch in text if not ch.isspace() and ch not in "*:/、" and unicodedata.category(ch) != "Cf"
    ).casefold()


def hidden_character(text: str) -> str | None:
    """The first character that cannot be seen, where there is one."""
    return next((ch for ch in text if unicodedata.category(ch) in _REFUSED_CATEGORIES or ch in _BLANK_LETTERS), None)
