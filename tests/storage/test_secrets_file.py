from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from kaohe.domain.errors import DataFolderUnwritable, SecretsMismatch
from kaohe.storage.secrets_file import load_secrets


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The secrets never touch a database, so one is enough."""
    return request.param


def test_secrets_are_made_once_and_read_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    first = load_secrets(folder)

    assert load_secrets(folder) == first
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600
    assert len({first.pepper, first.wrapping_key, first.cookie_key, first.signing_key}) == 4


def test_what_is_wrapped_opens_for_its_own_purpose_only(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path / "a")
    wrapped = secrets.wrap(b"key", "box|r")

    assert secrets.unwrap(wrapped, "box|r") == b"key"
    for other, purpose, sealed in (
        (secrets, "box|r2", wrapped),
        (load_secrets(tmp_path / "b"), "box|r", wrapped),
        (secrets, "box|r", wrapped[:-1]),
        (secrets, "box|r", b""),
    ):
        with pytest.raises(SecretsMismatch):
            other.unwrap(sealed, purpose)


def test_a_file_that_lacks_a_secret_is_damaged_and_stays_as_it_is(tmp_path: Path) -> None:
    load_secrets(tmp_path)
    path = tmp_path / "secrets.json"
    document = json.loads(path.read_text())
    del document["signing_key"]
    path.write_text(json.dumps(document))

    with pytest.raises(SecretsMismatch, match="已损坏"):
        load_secrets(tmp_path)
    assert json.loads(path.read_text()) == document


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pepper": 1}', '{"pepper": "zz"}', "null"])
def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(SecretsMismatch):
        load_secrets(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnwritable, match="KAOHE_DATA"):
        load_secrets(tmp_path / "file" / "data")
