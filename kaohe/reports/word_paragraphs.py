"""Paragraphs and sections of a Word document, in time that does not grow with what is written already."""

from __future__ import annotations

from typing import cast

from docx.document import Document as WordDocument
from docx.enum.section import WD_HEADER_FOOTER, WD_SECTION
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.text.paragraph import CT_P
from docx.parts.hdrftr import FooterPart
from docx.section import Section
from docx.text.paragraph import Paragraph


def next_section(word: WordDocument, ending_style: str) -> Section:
    """The section of another sheet; the paragraph that ends the last one looks as ``ending_style`` says."""
    section: Section = word.add_section(WD_SECTION.NEW_PAGE)
    # The paragraph that ends the last section. The library would list all of them for it, once for each sheet.
    ending = next(section._sectPr.itersiblings(qn("w:p"), preceding=True))  # noqa: SLF001 -- the library has no name for it
    ending.get_or_add_pPr().style = ending_style
    return section


def new_footer(word: WordDocument, number: int) -> tuple[str, Paragraph]:
    """A footer to be put under sections, by its id, and its paragraph; ``number`` is that of no other footer.

    The library would look through all parts of the document for a free number, and again for each reference.
    """
    content = parse_xml(f"<w:ftr {nsdecls('w')}><w:p/></w:ftr>")
    package = word.part.package
    part = FooterPart(PackURI(f"/word/footer{number}.xml"), CONTENT_TYPE.WML_FOOTER, content, package)
    footer_id = f"rIdFooter{number}"
    word.part.rels.add_relationship(RELATIONSHIP_TYPE.FOOTER, part, footer_id)
    return footer_id, Paragraph(content[0], part)


def put_footer(section: Section, footer_id: str) -> None:
    """Let a section's pages have this footer."""
    section._sectPr.add_footerReference(WD_HEADER_FOOTER.PRIMARY, footer_id)  # noqa: SLF001 -- the library makes one anew


def add_paragraph(word: WordDocument, style: str, text: str = "") -> Paragraph:
    """A paragraph at the end, in a style by its name.

    The library would look through all styles and all that is written already, for each paragraph anew.
    """
    made = OxmlElement("w:p")
    word.element.body[-1].addprevious(made)
    paragraph = Paragraph(cast("CT_P", made), word)
    let_look(paragraph, style)
    if text:
        paragraph.add_run(text)
    return paragraph


def let_look(paragraph: Paragraph, style: str) -> None:
    """Let a paragraph look as a style says, by its name."""
    # An id is the name without its spaces.
    paragraph._p.get_or_add_pPr().style = style.replace(" ", "")  # noqa: SLF001 -- the library looks all styles through


def add_field(paragraph: Paragraph, name: str, shown: str) -> None:
    """A number that Word works out itself; ``shown`` stands there in programs that do not."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    field.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>{shown}</w:t></w:r>"))
    paragraph._p.append(field)  # noqa: SLF001 -- the library has no name for it
