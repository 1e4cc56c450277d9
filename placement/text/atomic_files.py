"""Files of ours, written whole or not at all, and folders that one run writes to at a time.

What is written stands in a staging folder beside its target first and is then renamed: whoever
reads sees the old file or the new one. Several files of one run are renamed one by one, in the
order given; a run that is killed between two of them leaves a mixture, so the last file says what
the others are (`optimization.results.plan_folder.file_set`), and is gone while they are replaced.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from placement.errors import Fault, UsageError

try:
    import fcntl
except ImportError:  # Windows has no such lock
    fcntl = None  # type: ignore[assignment]

PATIENCE = 60
"""Seconds to wait for another run that writes to, or reads from, the same folder."""

_STAGING = ".placement-"
_LEFTOVER = re.compile(r"\.placement-[a-z0-9_]{8}")
_TICK = 0.05

#: What a file system says that has no locks.
_NO_LOCKS = {errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}


def write_set(
    folder: Path,
    texts: Mapping[str, str | Iterable[str]],
    *,
    fix: str,
    make: bool = False,
    seal: str | None = None,
) -> list[Path]:
    """Write files into a folder, in the order given: all of them, or none.

    A text may come in pieces. With `make` the folder is made if need be. `seal` is the last file,
    without which the others count for nothing: an old one goes before anything is replaced.
    UsageError, which ends with `fix`, where they cannot be written; nothing was replaced then.
    """
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        with locked(folder) as alone:
            if alone:
                _remove_leftovers(folder)
            staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
            try:
                for name, text in texts.items():
                    _stage(staging / name, text, folder / name)
                if seal is not None:
                    (folder / seal).unlink(missing_ok=True)
                for name in texts:
                    os.replace(staging / name, folder / name)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        where = folder if error.filename is None else error.filename
        message = f"cannot be written: {error.strerror}"
        raise UsageError(Fault(message, fix, str(where))) from error
    return [folder / name for name in texts]


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[bool]:
    """Keep other runs out of a folder, or with `shared` only those that write to it.

    The lock ends with the process, however that ends, and leaves no file. Yields whether there is
    one: some file systems have none. OSError where the folder cannot be opened, or where another
    run keeps it for longer than `PATIENCE`.
    """
    if fcntl is None:
        yield False
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _lock(opened, folder, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    finally:
        os.close(opened)


def _lock(opened: int, folder: Path, kind: int) -> bool:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(opened, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                said = "another run writes there, or reads, and does not end"
                raise OSError(errno.EAGAIN, said, str(folder)) from None
            time.sleep(_TICK)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return False
            raise
        else:
            return True


def _stage(staged: Path, text: str | Iterable[str], target: Path) -> None:
    """Write one file beside its target, once it is known that the target can be replaced."""
    existing = _check_target(target)
    with staged.open("w", encoding="utf-8", newline="") as file:
        file.writelines([text] if isinstance(text, str) else text)
    if existing:
        # Who may read it stays as its owner set it.
        with suppress(OSError):
            shutil.copymode(target, staged)


def _check_target(target: Path) -> bool:
    """Tell whether there is such a file; OSError where it is none, or is not to be written."""
    if not os.path.lexists(target):
        return False
    if target.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if target.exists() and not target.is_file():
        raise OSError(errno.EEXIST, "is a device or pipe, not a file", str(target))
    if target.exists():
        # What may not be written may not be replaced either, nor on a disk that is read-only.
        with target.open("r+b"):
            pass
    return True


def _remove_leftovers(folder: Path) -> None:
    """Remove what runs that were killed left; nobody else writes here while we hold the lock."""
    with os.scandir(folder) as entries:
        found = [
            entry.path
            for entry in entries
            if _LEFTOVER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        ]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
