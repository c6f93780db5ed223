"""What stands above the columns of office tables, recognised by form and suffix."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final

from kaohe.domain.cells import heading_of


class Field(StrEnum):
    """What a column holds; the value is the column's name in a message."""

    NAME = "姓名"
    UNIT = "单位"
    POST = "职务"
    CLASS = "类别"
    KIND = "类型"
    SECTION = "分表"
    SCORE = "得分"
    PERIOD = "时段"
    TIER = "等次"
    FLAGS = "标记"
    GRADER = "评价人"
    """These five stand in tables about people who are known; a list of subjects does not take them."""
    SERIAL = "序号"
    OTHER = "没有读取"
    """Known in office tables, but nothing that a list of subjects takes."""


_OTHER_PEOPLE = re.compile(r"填|审核|联系|配偶|家属|父|母|子女|经办|制表|推荐人|介绍人|评价人|曾用|拼音|考核人姓名")
# The first form that a heading matches decides, so that 单位及职务 is a post and 人数 is nobody's name.
_FORMS: Final[Mapping[Field, str]] = {
    Field.SERIAL: r"序号?|编号|号|no\.?|顺序|排序|项次|行号|#",
    Field.NAME: r".*姓名|(姓名)?(full)?name|.*名字|名称|班子名称|对象|.*(考核|测评|评议|考察|述职)对象(名称)?"
    r"|(被|参|参加)(考核|测评|评议|考察|评)(人|者)|(被|参|参加)?(考核|测评|评议|考察|述职|参评)(人员|干部)",
    Field.KIND: r"类型|(考核)?对象类型|人或班子|人班子|人员类型",
    Field.SECTION: r"(所属|测评)?分表(名称)?|测评表|(考核)?层面",
    # Whoever enters for a post competes with the others of it, as within a class.
    Field.CLASS: r"(考核|测评|人员|干部|排名|考核对象)?(类别|分组|组别)"
    r"|拟?(报名|报考|申报|应聘|竞聘|竞争|竞岗|竞选|参选)的?(职位|岗位|职务)(名称)?",
    Field.OTHER: r"性别|民族|备注|说明|.*职级|年龄|学历|学位|籍贯|职称|党派|编制|工号|.*(时间|日期|年月|号码?|电话|手机"
    r"|方式|情况|意见|等次|得分|分数|人数|年限|级别|面貌|签字|签名|身份)|(拟任|曾任|原任).*",
    Field.POST: r".*(职务|岗位|职位|任职|职务职级|职务名称|职务层次|title|position|post)",
    Field.UNIT: r".*(单位|部门|科室|处室|股室|机构|院系|班组)(名称|全称)?|.*(department|dept\.?|unit)",
}
_FIGURES: Final[Mapping[Field, str]] = {
    Field.SCORE: r".*(得分|分数|成绩|分值|评分|总分)",
    Field.PERIOD: r"(考核)?(时段|时期|期次|期别|季度|年度|周期)",
    Field.TIER: r".*(等次|档次|等级)|(考核)?结果",
    Field.FLAGS: r"标记|提示|标注",
    Field.GRADER: r"(评价|评分|测评|打分)(人|组|者)(姓名)?|(分管|主管)领导|(科室|部门|单位)?负责人",
}
_WHOSE: Final = (Field.NAME, Field.UNIT, Field.POST)
_COMPILED: Final = tuple((field, re.compile(form)) for field, form in _FORMS.items())
_LONGEST: Final = 14
_PLAIN: Final = re.compile(
    "姓名|名称|考核对象|测评对象|对象|单位|部门|科室|处室|所在单位|工作单位|单位名称|所在部门|工作部门|部门名称|职务|岗位|职位"
    "|现任职务|职务职级|职级|单位及职务|类别|分组|组别|考核类别|人员类别|类型|分表|序号|编号|序|性别|民族|备注|年龄|学历|职称"
    "|人数|电话|手机|联系电话|联系方式|政治面貌|出生年月|任职时间|得分|等次"
)


def field_of(cell: str) -> Field | None:
    """What a heading says of its column; ``None`` where it is no heading that is known."""
    if "：" in cell.strip().rstrip("：") or "。" in cell:
        return None
    heading = heading_of(cell)
    if not heading or len(heading) > _LONGEST:
        return None
    if heading == "职务职级":
        return Field.POST
    found = next((field for field, form in _COMPILED if form.fullmatch(heading)), None)
    is_of_others = found is Field.NAME and _OTHER_PEOPLE.search(heading) and "被考核人" not in heading
    return Field.OTHER if is_of_others else found


def figure_field_of(cell: str, wanted: Collection[Field]) -> Field | None:
    """What a heading says in a table about known people, of whom it may tell what is ``wanted``."""
    heading = heading_of(cell)
    figure = next((field for field in wanted if field in _FIGURES and re.fullmatch(_FIGURES[field], heading)), None)
    if figure is not None and len(heading) <= _LONGEST:
        return figure
    field = field_of(cell)
    return field if field in _WHOSE else None


def is_heading_row(row: Sequence[str]) -> bool:
    """Whether a row names columns: a name column among others that are mostly known, or known headings alone."""
    filled = [cell for cell in row if cell.strip()]
    fields = [field for cell in filled if (field := field_of(cell)) is not None]
    if len(filled) == 1:
        return fields == [Field.NAME]
    if Field.NAME in fields:
        return len(fields) * 2 >= len(filled) or any(heading_of(cell).endswith("姓名") for cell in filled)
    # A row of a person without a surname that is known may end in 科室 and 岗位, so here only plain words count.
    return len(fields) > 1 and len(fields) >= len(filled) - 1 and sum(map(is_plain_heading, filled)) == len(fields)


def is_plain_heading(cell: str) -> bool:
    """Whether a cell is one of the commonest headings, word for word, and so never anybody's name."""
    return _PLAIN.fullmatch(heading_of(cell)) is not None
