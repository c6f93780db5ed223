"""Material to read (述职、自评、小结): one text about each subject, pasted or from a Word or text file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.errors import KaoheError
from kaohe.domain.permissions import Act
from kaohe.intake.documents import read_document
from kaohe.operations.setup.material import load_lengths, load_text, put_material
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.access import this_account
from kaohe.web.asked import asked_one_of
from kaohe.web.organizer.setup.subject_rows import words_of
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, UploadField
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.lists import ListPart, part_of_list, place_in_list


class MaterialForm(DeskForm):
    """A text about one subject; a file goes before what was pasted."""

    subject = HiddenField(default="")
    text = StringField(default="")
    file = UploadField()


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One subject, and whether anything can be read about it."""

    key: str
    name: str
    unit_and_post: str
    state: str
    url: str
    """'' where there is nothing to write or to read."""
    is_open: bool


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """The subjects, and the text of the one that was chosen."""

    frame: MeetingFrame
    version: str
    refusal: Refusal | None
    lines: Sequence[MaterialLine]
    """Of a long list those of one page."""
    part: ListPart
    count: str
    """About how many of them something can be read."""
    text: str
    has_any: bool
    """Whether there is something to print."""


@organizer.get("/<meeting_id>/material", act=Act.PREPARE)
def material(meeting_id: str) -> ResponseReturnValue:
    """Show about whom there is something to read, with the text of the subject ``of``, else of the first one."""
    keys = [subject.key for subject in load_meeting(meeting_id)[0].subjects]
    return _shown(_page(meeting_id, asked_one_of("of", keys)))


@organizer.post("/<meeting_id>/material", act=Act.PREPARE, takes_file=True)
def keep_material(meeting_id: str) -> ResponseReturnValue:
    """Store what can be read about one subject; an empty text takes it away."""
    form = MaterialForm()
    key, text = form.subject.data, form.text.data
    try:
        version = form.expected().on_version()
        if form.file.data is not None:
            text = read_document(form.file.data.read())
        length = put_material(this_account().name, meeting_id, version, key, text)
    except KaoheError as error:
        return _shown(_page(meeting_id, key, error, form, text))
    flash(f"已保存，{length} 字。" if length else "已删除这份材料。", "good")
    return redirect(url_for("organizer.material", meeting_id=meeting_id, of=key, **place_in_list()), 303)


def _page(
    meeting_id: str, of: str, error: KaoheError | None = None, form: MaterialForm | None = None, typed: str = ""
) -> MaterialPage:
    setup, this_round = load_meeting(meeting_id)
    lengths = load_lengths(meeting_id)
    frame = frame_of(setup, this_round, "subjects")
    at = next((at for at, subject in enumerate(setup.subjects) if subject.key == of), None)
    shown, part = part_of_list(setup.subjects, words_of, "organizer.material", holding=at, meeting_id=meeting_id)
    to_open = {subject.key for subject in setup.subjects if frame.is_draft or subject.key in lengths}
    chosen = of if at is not None else next((subject.key for subject in shown if subject.key in to_open), "")
    if chosen != of:
        # What was typed about somebody who is gone is nobody else's.
        form = None
    return MaterialPage(
        frame=frame,
        version=str(setup.version) if form is None else form.version.data,
        refusal=refusal_of(error, setup.version if form is not None else None) if error else None,
        lines=tuple(
            MaterialLine(
                subject.key,
                subject.name,
                unit_and_post(subject),
                f"{lengths[subject.key]} 字" if subject.key in lengths else "没有",
                url_for("organizer.material", meeting_id=meeting_id, of=subject.key, **part.place)
                if subject.key in to_open
                else "",
                subject.key == chosen,
            )
            for subject in shown
        ),
        part=part,
        count=str(len(lengths)),
        text=load_text(meeting_id, chosen) if form is None else typed,
        has_any=bool(lengths),
    )


def _shown(page: MaterialPage) -> ResponseReturnValue:
    return render_template("organizer/setup/material.html", page=page), reply_code(page.refusal)
