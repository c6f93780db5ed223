"""The evaluation systems that the presets belong to, in the order of ``docs/systems.md``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """One system and its presets: first the one of its own name, then the quarter, the year or the vote with it."""

    number: str
    """Such as ``P04`` or ``S01``; empty for the general presets."""
    title: str
    presets: tuple[str, ...]


GENERAL = System("", "通用", ("si-deng", "de-neng-qin-ji-lian"))
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
)
"""Meetings that national rules ask for, beside the systems of single offices."""
