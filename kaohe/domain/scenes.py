"""The scenes of the wall (大屏画面): which of them a meeting can show in its present state, and which it shows."""

from __future__ import annotations

from enum import StrEnum

from kaohe.domain.meetings import MeetingState


class Scene(StrEnum):
    """One picture that the chair steps to; '' in a round stands for the scene that follows by itself."""

    WELCOME = "welcome"
    HOW = "how"
    PROGRESS = "progress"
    WAIT = "wait"
    PERSON = "person"
    LIST = "list"
    CALLING = "calling"
    RANKING = "ranking"
    THANKS = "thanks"


def scenes_of(state: MeetingState, revealed: int, total: int, *, has_votes: bool) -> tuple[Scene, ...]:
    """The scenes that the wall can show, in the order of a meeting.

    ``revealed`` of ``total`` subjects are revealed. One alone on the screen takes somebody who is revealed, and ranks
    are shown once everybody is, since they would tell of those who are still veiled.
    """
    if state in (MeetingState.PUBLISHED, MeetingState.PURGED):
        person = (Scene.PERSON,) if revealed else ()
        ranking = (Scene.RANKING,) if revealed >= total else ()
        calling = (Scene.CALLING,) if has_votes else ()
        return (*person, Scene.LIST, *calling, *ranking, Scene.THANKS)
    if state is MeetingState.OPEN:
        return (Scene.HOW, Scene.PROGRESS)
    if state is MeetingState.DRAFT and has_votes:
        return (Scene.WELCOME, Scene.HOW)
    return (Scene.WAIT,)


def scene_shown(chosen: str, available: tuple[Scene, ...], *, is_anybody_in: bool) -> Scene:
    """The scene on the wall: the chosen one where the state still has it, else the one that follows by itself.

    That is the way to vote before anybody has voted, the turnout from then on, whoever was revealed last, and the list
    before.
    """
    if chosen in available:
        return Scene(chosen)
    if Scene.PROGRESS in available:
        return Scene.PROGRESS if is_anybody_in else Scene.HOW
    return Scene.HOW if Scene.HOW in available else available[0]
