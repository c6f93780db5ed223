"""``kaohe documents ID --out DIR``: everything that HR files, written to a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from kaohe.cli.application import MEETING, ApplicationCommand
from kaohe.domain.errors import KaoheError
from kaohe.operations.archive.documents import Document, file_documents


class FolderUnwritable(KaoheError):
    """The folder for the documents cannot be made or written."""


@click.command("documents", cls=ApplicationCommand)
@MEETING
@click.option("--out", "folder", required=True, metavar="DIR", type=click.Path(path_type=Path), help="写到这个目录。")
@click.option("--round", "round_number", type=int, metavar="N", help="第几轮；不写则为最后一轮。")
def documents_command(meeting_id: str, folder: Path, round_number: int | None) -> None:
    """导出归档材料（工作簿、CSV、Word，有中文字体时还有 PDF），输出写好的文件名；同名文件会被替换。"""  # noqa: D415 - help text
    documents = file_documents(meeting_id, round_number)
    for path in write_documents(folder, documents):
        click.echo(str(path))


def write_documents(folder: Path, documents: Sequence[Document]) -> list[Path]:
    """Write files into a folder, which is made, each whole or not at all.

    Raises:
        FolderUnwritable: one of them could not be written.
    """
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for document in documents:
            path = folder / document.name
            unfinished = path.with_name(f".{path.name}.part")
            unfinished.write_bytes(document.content)
            unfinished.replace(path)
            paths.append(path)
    except (OSError, ValueError) as error:
        raise FolderUnwritable(f"目录 {folder} 无法写入，请换一个目录，或检查权限和剩余空间。") from error
    return paths
