"""The evaluation systems that the presets belong to, in the order of ``docs/systems.md``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class System:
    """One system and its presets: first the one of its own name, then the quarter, the year or the vote with it."""

    number: str
    """Such as ``P04`` or ``S01``; empty for the general presets."""
    title: str
    presets: tuple[str, ...]


GENERAL = System("", "常用", ("si-deng", "de-neng-qin-ji-lian"))
SYSTEMS: tuple[System, ...] = (
    System("P01", "股级干部效能考评", ("guji-xiaoneng",)),
    System("P02", "机关效能建设考评", ("jiguan-xiaoneng", "jiguan-xiaoneng-niandu")),
    System("P03", "竞争上岗", ("jingzheng-shanggang", "jingzheng-shanggang-tuijian")),
    System("P04", "机关效能考评制度", ("jiguan-kaoping",)),
    System("P05", "股级干部考核", ("guji-kaohe",)),
    System("P06", "乡机关平时考核", ("xiang-pingshi", "xiang-pingshi-niandu")),
    System("P07", "司法局平时考核", ("sifaju-pingshi", "sifaju-pingshi-jidu")),
    System("P08", "体育局平时考核", ("tiyuju-pingshi",)),
    System("P09", "平时考核备案模板", ("beian-pingshi", "beian-pingshi-niandu")),
    System("P10", "市行政机关平时考核", ("shengji-abcd", "shengji-abcd-niandu")),
    System("P11", "监督局平时考核", ("jiandu-pingshi", "jiandu-pingshi-niandu")),
    System("P12", "镇公务员平时考核", ("zhen-pingshi", "zhen-pingshi-niandu")),
    System("P13", "公务员平时（绩效）考核", ("jixiao-pingshi", "jixiao-pingshi-niandu")),
    System("P14", "周记实、月自查、季考评", ("diwei-pingshi", "diwei-pingshi-jidu")),
    System("P15", "统计局绩效考核", ("tongjiju-jixiao", "tongjiju-jixiao-niandu")),
    System("P16", "领导班子和领导干部综合考核", ("ganbu-zonghe", "ganbu-zonghe-texuan")),
    System("P17", "机关责任制考核", ("zeren-kaohe", "zeren-kaohe-jiguan")),
)
STATUTORY: tuple[System, ...] = (
    System("S01", "一报告两评议", ("yibaogao-liangpingyi",)),
    System("S02", "党组织书记述职评议", ("shuzhi-pingyi",)),
    System("S03", "民主评议党员", ("dangyuan-pingyi",)),
    System("S04", "事业单位年度考核", ("shiye-niandu",)),
    System("S05", "国有企业领导班子综合考评", ("guoqi-banzi",)),
    System("S06", "人大满意度测评", ("renda-ceping",)),
)
"""Meetings that national rules ask for, beside the systems of single offices."""

USES: Final[Mapping[str, str]] = {
    "si-deng": "最常用：每人评一个等次，几分钟就能填完。",
    "de-neng-qin-ji-lian": "德、能、勤、绩、廉分开评，适合年度考核。",
    "guji-xiaoneng": "评股级干部：职工和班子分开投票。",
    "jiguan-xiaoneng": "科室和工作人员一起评，再加日常检查的得分。",
    "jiguan-xiaoneng-niandu": "年末用：把各期结果平均，不再投票。",
    "jingzheng-shanggang": "考评组为竞职演讲打分，全体人员投测评票。",
    "jingzheng-shanggang-tuijian": "只问推荐不推荐，看推荐率。",
    "jiguan-kaoping": "机关、科室、个人三张表，一次评完。",
    "guji-kaohe": "评股级干部：年终测评为主，加平时考核的得分。",
    "xiang-pingshi": "乡镇机关平时用：民主测评加量化考核。",
    "xiang-pingshi-niandu": "年末用：把四个季度的结果平均，不再投票。",
    "sifaju-pingshi": "年末用：正科、副科和其他人员三张表，平时各期和年度打分各占一半。",
    "sifaju-pingshi-jidu": "每季度打一个百分制的分：正科、副科和其他人员三张表。",
    "tiyuju-pingshi": "领导和群众各占一半，逐项评等次。",
    "beian-pingshi": "每季度按指标打分，科室负责人评本科室的人。",
    "beian-pingshi-niandu": "年末用：由各季度的结果算出年度得分，不再投票。",
    "shengji-abcd": "每季度评 A、B、C、D。",
    "shengji-abcd-niandu": "年末用：平时考核加年度测评。",
    "jiandu-pingshi": "每季度按任务、进度、质量、出勤和廉洁打分。",
    "jiandu-pingshi-niandu": "年末用：平时考核加年度测评。",
    "zhen-pingshi": "乡镇每季度打一个百分制的分，按条款加减。",
    "zhen-pingshi-niandu": "年末用：把四个季度的得分平均，不再投票。",
    "jixiao-pingshi": "每季度按指标打分，分管领导和同组人员各占一半。",
    "jixiao-pingshi-niandu": "年末用：由各季度的结果算出年度得分，不再投票。",
    "diwei-pingshi": "年末用：平时考核和年终测评的优秀率合成。",
    "diwei-pingshi-jidu": "每季度评一个总体等次。",
    "tongjiju-jixiao": "每季度打分：一般人员、中层、班子各一张表。",
    "tongjiju-jixiao-niandu": "年末用：季度小评和年终总评合成，不再投票。",
    "ganbu-zonghe": "班子、主要负责人、其他成员三张表，加目标考核得分。",
    "ganbu-zonghe-texuan": "现场从候选单位中投票选出特优。",
    "zeren-kaohe": "机关和个人一起评，加定量考核和自评。",
    "zeren-kaohe-jiguan": "只评机关：测评和问卷，加实地考察。",
    "yibaogao-liangpingyi": "评选人用人工作，评新提拔的干部。",
    "shuzhi-pingyi": "听完书记述职，评好、较好、一般、差。",
    "dangyuan-pingyi": "组织生活会上评议党员。",
    "shiye-niandu": "事业单位年末用：主管领导和职工分开投票。",
    "guoqi-banzi": "评国企班子和领导人员，加经营业绩的得分。",
    "renda-ceping": "评专项工作或者述职，满意票要超过全体组成人员的半数。",
}
"""When a preset is the one to take, in a sentence, by its key."""
