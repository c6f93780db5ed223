"""The scheme that a meeting is held by."""

from __future__ import annotations

from dataclasses import replace

from kaohe.domain.errors import PresetUnknown
from kaohe.domain.sections import with_sections_named
from kaohe.domain.units import EVERYWHERE, Reach
from kaohe.domain.voter_groups import groups_under
from kaohe.operations.setup.own_schemes import load_own_scheme, read_scheme_text
from kaohe.operations.setup.steps import changing
from kaohe.operations.setup.voters import keep_shared_group, require_ticketed_groups
from kaohe.schemes import UnknownPresetError, list_presets, load_preset
from kaohe.storage.meetings import store_setup
from kaohe.tally.scheme.scheme import Scheme

OWN = "own:"
"""Before the id of one of the unit's own schemes, where a preset might stand as well."""


def meeting_presets() -> tuple[Scheme, ...]:
    """The presets that a meeting can be held by, the simplest first."""
    return tuple(list_presets())


def meeting_preset(preset_id: str, reach: Reach = EVERYWHERE) -> Scheme:
    """One preset for a meeting, or one of the own schemes that may be used within a reach (``own:`` and its id).

    Raises:
        PresetUnknown, OwnSchemeUnknown: no such preset or scheme.
    """
    if preset_id.startswith(OWN):
        return read_scheme_text(load_own_scheme(preset_id.removeprefix(OWN), reach).document)
    try:
        return load_preset(preset_id)
    except UnknownPresetError as error:
        raise PresetUnknown(error.message) from error


def change_scheme(actor: str, meeting_id: str, version: int, scheme: Scheme) -> None:
    """Take another scheme, or the same with other settings.

    The meeting's voter groups stay where the new scheme brings the same ones; otherwise they begin with the scheme's.

    Raises:
        FieldInvalid: a group that has tickets would go.
        EditedMeanwhile, WrongState.
    """
    with changing(actor, meeting_id, version, "changed_scheme", scheme=scheme.key) as (session, setup):
        groups = groups_under(scheme, setup.scheme, setup.groups)
        require_ticketed_groups(session, setup, groups)
        subjects = with_sections_named(scheme, setup.subjects)
        changed = replace(setup, scheme=scheme, groups=groups, subjects=subjects)
        store_setup(session, keep_shared_group(changed))
