"""Printing slips (打印二维码票): notes the address on them, and shuffles each printing anew."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from kaohe.config import keep_address, own_url
from kaohe.domain.errors import CodesSealed, FieldInvalid, NotFound
from kaohe.domain.meetings import MeetingState
from kaohe.domain.tally_refusals import as_refusal
from kaohe.domain.ticket_codes import grouped
from kaohe.network import LOOPBACK, is_address_elsewhere, list_cards
from kaohe.operations.setup.ballot_styles import style_of_group
from kaohe.operations.setup.issuing import PrintedTicket, list_tickets, voting_url
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.blank_ballots import BlankBallot
from kaohe.reports.blank_ballots import blank_ballot as blank_of_style
from kaohe.reports.ticket_slips import Slip
from kaohe.storage.database import reading, transaction
from kaohe.storage.installation import change_public_url, this_config
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, current_round, round_setup, save_round
from kaohe.storage.tickets import printable_count
from kaohe.tally.scheme.refusals import SectionError

CHECK_CODE: Final = "check-2345-6789-ABCD"
"""Rides in the fragment of ``phone_check_url``, where a ticket's code rides on a slip; it is no ticket's."""


def phone_check_url(meeting_id: str) -> str:
    """Where a phone tries what a ballot will need, before slips are printed."""
    return f"{voting_url(meeting_id)}/check#{CHECK_CODE}"


def choose_card(actor: str, address: str) -> None:
    """Let phones come by this address of one of the machine's network cards, now and after every later start.

    Slips that were printed before carry the former address, which the check list of their meeting says. Idempotent.

    Raises:
        FieldInvalid: the address was said when the server was started, or no card of this machine has this one.
    """
    config = this_config()
    if not config.follows_card:
        raise FieldInvalid("票上的网址是启动服务器时指定的，不随网卡变，请管理员改好后重新启动。")
    if address not in {card.address for card in list_cards()}:
        raise FieldInvalid("这台电脑现在没有这个地址，请重新选择网卡。")
    keep_address(config.data, address)
    url = own_url(config.port, address)
    if url == config.public_url:
        return
    with transaction() as session:
        record(session, None, actor, "chose_card", address=address)
    change_public_url(url)


def is_address_gone() -> bool:
    """Whether the machine has lost the address of the network card that slips and screens carry."""
    config = this_config()
    host = urlsplit(config.public_url).hostname or ""
    return config.follows_card and host != LOOPBACK and is_address_elsewhere(host, list_cards())


def start_printing(actor: str, meeting_id: str) -> str:
    """Note that the slips are being printed with the address that the server has now; returns the printing's own word.

    The word orders the slips, see ``list_slips``. Printing again after the address has changed is what mends the
    check list's ``address_changed``.

    Raises:
        CodesSealed: voting has begun.
    """
    with changing_round(meeting_id) as (session, row):
        if row.state is not MeetingState.DRAFT:
            raise CodesSealed
        save_round(session, replace(row, printed_url=this_config().public_url))
        record(session, meeting_id, actor, "printed_slips")
    return new_printing()


def new_printing() -> str:
    """A word that no printing has had yet."""
    return secrets.token_urlsafe(12)


def list_slips(meeting_id: str, printing: str) -> Sequence[Slip]:
    """All slips, group by group; within a group in an order that depends on ``printing`` alone.

    The same word gives the same order, so that parts printed one after the other neither overlap nor leave anything
    out; another word gives another one, so that the list of codes does not tell which slip lay where in the pile.

    Raises:
        CodesSealed: voting has begun.
    """
    setup, _ = load_meeting(meeting_id)
    position_of = {group.label: number for number, group in enumerate(setup.groups)}
    key = printing.encode()

    def order(ticket: PrintedTicket) -> tuple[int, bytes]:
        return position_of.get(ticket.group_label, len(position_of)), hmac.digest(key, ticket.code.encode(), "sha256")

    return [slip_of(ticket, setup.title, setup.unit) for ticket in sorted(list_tickets(meeting_id), key=order)]


def slip_count(meeting_id: str) -> int:
    """How many slips can be printed: none once voting has begun, and none twice for a vote that is held again."""
    with reading() as session:
        row = current_round(session, meeting_id)
        return printable_count(session, row.id) if row.state is MeetingState.DRAFT else 0


def slip_of(ticket: PrintedTicket, title: str, unit: str) -> Slip:
    """The slip of one ticket."""
    return Slip(grouped(ticket.code), ticket.group_label, title, unit, ticket.url, ticket.signer_text)


def blank_ballot(meeting_id: str, group_key: str) -> BlankBallot:
    """The blank ballot on paper of a group; the same for all of it, and as often as it is asked for.

    Raises:
        NotFound: there is no such group.
        SectionRefused: a subject belongs to no section yet.
    """
    with reading() as session:
        row = current_round(session, meeting_id)
        setup = round_setup(session, row)
        labels = {group.key: group.label for group in setup.groups}
        if group_key not in labels:
            raise NotFound
        style = style_of_group(row, setup, group_key)
        try:
            return blank_of_style(style, labels[group_key] if len(labels) > 1 else "")
        except SectionError as error:
            raise as_refusal(error) from error
