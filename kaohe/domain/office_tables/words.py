"""What the words of a row show: a name, a total, a note, a group; certain, or to be asked."""

from __future__ import annotations

import re
from typing import Final

from kaohe.domain.cells import (
    COMPOUND_SURNAMES,
    HAN,
    NOT_COMPUTED,
    clean,
    has_personal_data,
    plain_name,
    without_personal_data,
)
from kaohe.domain.office_tables.headings import Field, field_of, is_plain_heading

_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳"
    "翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤"
    "时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘"
    "池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄"
    "平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)
_HAN_NAME = re.compile(rf"{HAN}{{2,4}}")
_LATIN_NAME = re.compile(r"[^\W\d_一-鿿]+([ .'’-]+[^\W\d_一-鿿]+)+\.?|[A-Z][^\W\d_一-鿿]+(,? [^\W\d_一-鿿]+\.?)+")
_UNIT_END = re.compile(
    r".*(科|股|室|处|局|部|委|办|院|所|队|站|厅|司|校|系|会|社|组|馆|台|街道|乡|镇|村|中心|公司|集团|机关|支部|党委|政府|学院|医院|银行|单位|部门)"
)
_NOT_A_NAME_END = re.compile(
    r".{2,}(同志|先生|女士|老师|等|等.{0,3}[人名位])|(示例|样例).*|.*[(（](示例|样例|例)[)）]|.*(科长|处长|局长|主任|书记|主席|经理|组长|科员|主管|干事|专员|助理|人员|干部|名单|名册|级|以上|合计|职务|岗位|情况|一览|表)"
)
_POST_END = re.compile(r".*(长|主任|书记|主席|经理|员|主管|干事|专员|助理|总监|工程师|教师|医师|[一二三四]级)")
_NOBODY = re.compile(
    r"空缺?|暂?缺|缺[额编位]|空[编岗]|[待未](定|补|配|任命)|暂?无|以下(空白|为空|无正文|无内容)|[-—–─_.…·/\\]+"
)
_DITTO = re.compile(r"[〃″〞\"\uff02”“]|''|同[上前左]|上同|-?[〃\"]-?")
_NOTHING = re.compile(r"[-—–─_/\\.…·、]+|无")
_LEFT_OUT = re.compile(
    r".*([不未免](参加|参与|纳入|列入|考核|测评|评议)|退休(?!干部|人员|职工|办|科|处)|调[出离走]|离[职任岗](?!审计)|内退|退居|免职|辞去|停职|留置(?!看护|管理|场所|中心)|辞职|辞退|去世|死亡|病故"
    r"|开除|评委(?!会)|列席).*"
)
# A remark in brackets, a letter or a number after a whole name tells namesakes apart.
_WRITTEN_AS_NAME = re.compile(rf"(?:{HAN}|[^\W\d_]){{2,}}([· '’-]+(?:{HAN}|[^\W\d_])+)*([(（][^)）]+[)）])?\d{{0,4}}")
_AFTER_UNIT = re.compile(
    rf".{{2,}}(?:科|股|室|处|局|部|委|办|院|所|队|站|厅|中心|公司|学校|支部|党委|街道|乡|镇|村)[:：]?({HAN}{{2,3}})"
)
_IN_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)")
_TEAM_END = re.compile(r".*班子")
_TOTAL = re.compile(
    r"(合计|小计|总计|共计|总数|累计|平均|总人数|人数合计|本页|以上共|共\d+|共[一二三四五六七八九十百]+).*"
)
_NOTE = re.compile(
    r"(注|备注|说明|附注|附|填表说明|填报说明|注意事项)[0-9一二三]?[：:].*|.*(填表人|制表人?|审核人?|填报人?|经办人|负责人|联系人|联系电话|填报单位|填报日期"
    r"|填表日期|单位盖章|盖章|签章|签字|日期|审批人?|抄送|抄报|报送|主送)[（(：:].*|第\s*[\d一二三四五六七八九十]+\s*页.*|以上.*|.*。.*|.{12,}；.*|.*(排序|排列)"
)
_TITLE = re.compile(r".*(名单|名册|花名册|一览表|登记表|汇总表|统计表|情况表|年度考核|封面|附件\d*).*")
LIST_MARK = re.compile(
    rf"\A\s*(?:[（(]?(?:\d{{1,4}}|[一二三四五六七八九十]{{1,3}})(?:[)）]\s*[、.\uff0e]?|[、.\uff0e])\s*"
    rf"|[①-⑳⑴-⒇⒈-⒛]\s*|[•●○◆◇■□★☆▪·*]\s*|-\s+|\d{{1,4}}\s+(?={HAN}))"
)
_BETWEEN_NAMES = re.compile(r"\s*(?<!\s\d)(?<!\s\d\d)[、，,;；/\n\r]\s*|\s*(?=[①-⑳⑴-⒇])|\s+(?=\d{1,2}[.、\uff0e])")
"""A sign between names, or the number that the next one has in a list."""
ENDS: Final = "。，,；;、"
"""What may stand after the last name of a list."""
_SPACES = re.compile(r"\s+")
_COUNT = re.compile(r"[(（]共?\s*[\d一二三四五六七八九十]+\s*[人名][)）][:：]?$")
_HAN_SERIAL = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.\uff0e]?")
_GROUP_MARK = re.compile(r"\s*([（(]?)[一二三四五六七八九十]{1,3}[)）]?[、.\uff0e]?(?=\S)")
_WHETHER = re.compile(r"是否(参加|参与|纳入|列入|考核|测评|在职|在岗|在编)")
_NO_WORDS: Final = frozenset({"否", "不", "不参加", "false", "n", "no", "×", "✗", "x", "0"})
_SERIAL = re.compile(r"[（(]?\d{1,4}[)）.、\uff0e]?")
_NUMBER = re.compile(r"[\d\uff10-\uff19.,，%\uff05/\-: ]+|TRUE|FALSE")
COMPUTE_FIRST: Final = "是公式，文件里没有算出的结果：请用 Excel 或 WPS 打开这个文件，保存一次后再导入"
_DATE = re.compile(r"(19|20)\d\d[-/.年]\d{1,2}([-/.月](\d{1,2}日?)?)?([ T]\d\d:\d\d(:\d\d)?)?")
_CODE = re.compile(r"[A-Za-z]{1,4}-?\d{5,}[A-Za-z]?")
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|GETTING_DATA)", re.IGNORECASE)


def without_mark(text: str) -> str:
    """The text without the mark of a list before it ("1、", "（一）", "•"); a mark alone stays."""
    return LIST_MARK.sub("", text, count=1) or text


def looks_like_name(text: str) -> bool:
    """Whether a text is surely a person's name or a team's, also where no heading says so."""
    name = plain_name(without_mark(text))
    if _TEAM_END.fullmatch(name):
        return True
    if field_of(name) or _NOT_A_NAME_END.fullmatch(name) or is_total(name):
        return False
    if "·" in name:
        return all(part and not _NUMBER.fullmatch(part) for part in name.split("·"))
    if _HAN_NAME.fullmatch(name):
        has_surname = name[0] in _SURNAMES or name[:2] in COMPOUND_SURNAMES
        return has_surname and not (len(name) > 2 and _UNIT_END.fullmatch(name))  # noqa: PLR2004 - 王会 is a name
    return _LATIN_NAME.fullmatch(name) is not None


def is_written_as_name(name: str) -> bool:
    """Whether a name that stands under a heading of names has the form of one, whoever's."""
    after_unit = _AFTER_UNIT.fullmatch(name)
    is_after_unit = after_unit and looks_like_name(after_unit[1]) and not looks_like_unit(name)
    is_other = is_after_unit or _NOT_A_NAME_END.fullmatch(name) or _COUNT.search(name)
    return looks_like_name(name) or (_WRITTEN_AS_NAME.fullmatch(name) is not None and not is_other)


def names_in(text: str) -> list[str]:
    """The parts of a cell that a comma, a line end or the like sets apart, as names."""
    # One space for each run of them: where a run ends would be looked for from each of its places.
    single = _SPACES.sub(lambda run: "\n" if "\n" in run[0] or "\r" in run[0] else " ", without_mark(text.strip()))
    parts = _BETWEEN_NAMES.split(single)
    return [plain_name(without_mark(part)) for part in parts if part.strip()]


def holds_names(text: str) -> bool:
    """Whether a cell surely holds several names."""
    names = names_in(text)
    return len(names) > 1 and all(looks_like_name(name) and " " not in name for name in names)


def names_somebody(text: str) -> bool:
    """Whether a cell holds a name, or several in any way of writing them."""
    text = text.strip().rstrip(ENDS)
    return looks_like_name(text) or holds_names(text) or all(map(looks_like_name, text.split()))


def begins_with_compound(name: str) -> bool:
    """Whether a name begins with a surname of two characters."""
    return name[:2] in COMPOUND_SURNAMES


def looks_like_unit(text: str) -> bool:
    """Whether a text ends as units do."""
    return _UNIT_END.fullmatch(without_mark(text)) is not None


def without_count(text: str) -> str:
    """A unit or class that stands above its people, without how many they are and without a colon."""
    return _COUNT.sub("", text.strip()).rstrip(":：")


def is_han_serial(text: str) -> bool:
    """Whether a text numbers a group of rows, as 一 or （二） does."""
    return _HAN_SERIAL.fullmatch(text.strip()) is not None


def numbering_of(text: str) -> str:
    """How a text is numbered among others: （ as in （一）, 、 as in 一、; empty where it is not."""
    found = _GROUP_MARK.match(text)
    if found is None or without_mark(text) == text.strip():
        return ""
    return "（" if found[1] else "、"


def says_no(heading: str, text: str) -> bool:
    """Whether a column asks whether somebody takes part, and the answer is no."""
    return _WHETHER.match(heading) is not None and text.strip().casefold() in _NO_WORDS


def looks_like_title(text: str) -> bool:
    """Whether a text is a title of a list."""
    return _TITLE.fullmatch(text) is not None


def looks_like_post(text: str) -> bool:
    """Whether a text ends as posts do."""
    return _POST_END.fullmatch(text.strip()) is not None


def is_nobody(text: str) -> bool:
    """Whether what stands for a name says that nobody holds the post, or that the list is at its end."""
    return _NOBODY.fullmatch(text.strip("（()） ")) is not None


def is_ditto(text: str) -> bool:
    """Whether a cell says that it is as the one above it."""
    return _DITTO.fullmatch(text.strip()) is not None


def says_nothing(text: str) -> bool:
    """Whether a cell that is no name holds only a sign that there is nothing to say."""
    return _NOTHING.fullmatch(text.strip()) is not None


def leaves_out(text: str) -> bool:
    """Whether a remark says that somebody is not assessed, has left or votes on others."""
    return _LEFT_OUT.fullmatch(text.strip()) is not None


def in_brackets(text: str) -> list[str]:
    """What stands in brackets in a cell, be they closed or not."""
    return [clean(part) for part in _IN_BRACKETS.findall(text)]


def is_team(text: str) -> bool:
    """Whether a name is a team's."""
    return _TEAM_END.fullmatch(text) is not None


def is_total(text: str) -> bool:
    """Whether a text begins a row of totals."""
    return _TOTAL.fullmatch("".join(text.split())) is not None


def is_note(text: str) -> bool:
    """Whether a text is a remark about the list, or a signature below it."""
    return _NOTE.fullmatch(text) is not None


def is_serial(text: str) -> bool:
    """Whether a text numbers a row."""
    return _SERIAL.fullmatch(text.strip()) is not None


def never_a_name(text: str) -> str:
    """Why a text cannot be a name; empty where it can."""
    if text == NOT_COMPUTED:
        return f"姓名{COMPUTE_FIRST}"
    if _ERROR.search(text):
        return f"姓名是错误值 {text}，请在表格中改正"
    if _NUMBER.fullmatch(text):
        return f"姓名是数字“{without_personal_data(text)}”，请改为姓名"
    if is_ditto(text):
        return f"姓名写的是“{text}”，请写出姓名"
    if is_plain_heading(text) or field_of(text) in (Field.NAME, Field.SERIAL):
        return f"“{text}”是表头，不是姓名"
    return ""


def fault_of(text: str, field: Field) -> str:
    """Why a cell beside a name cannot be read, to stand after the name of its column; empty where it can."""
    if is_not_computed(text):
        return COMPUTE_FIRST
    if _ERROR.fullmatch(text.strip()):
        return "是错误值，请在表格中改正"
    is_figure = (field is Field.POST and is_number(text)) or (field in (Field.POST, Field.UNIT) and is_date(text))
    return "处是日期或数字，请改正或清空" if is_figure and not has_personal_data(text) else ""


def is_date(text: str) -> bool:
    """Whether a text is a day or a month, and nothing else."""
    return _DATE.fullmatch(text.strip()) is not None


def is_number(text: str) -> bool:
    """Whether a text is digits and the signs that stand between them, or the number of a card or a file."""
    return (_NUMBER.fullmatch(text.strip()) or _CODE.fullmatch(text.strip())) is not None and any(
        map(str.isdigit, text)
    )


def is_not_computed(text: str) -> bool:
    """Whether a cell holds a formula without its result."""
    return text.strip() == NOT_COMPUTED
