"""Files as they were where a branch began: read from git into a folder of their own.

Nothing is checked out and nothing of the repository is changed: `git cat-file` writes the content
of each file. What lies beside the inventory (CSV and TOML), what its placement.toml lists, and what
options name comes along, so that a base is judged with its own tables.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from placement.errors import Fault, InputError, UsageError
from placement.readers.config.placement_toml import FilesSection, read_config

_BESIDE = (".csv", ".toml")
_OF_HOOKS = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"}
_LINK = "120000"
_SHALLOW = "let the checkout have the history: fetch-depth: 0 (or git fetch --unshallow)"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the repository in `root`: that where HEAD left `ref`."""

    root: Path
    ref: str
    sha: str

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.ref} ({self.sha[:12]})"

    def path_of(self, path: Path) -> str | None:
        """Return the path of a file in the repository, None where it lies outside."""
        real = Path(os.path.realpath(path.parent)) / path.name
        if not real.is_relative_to(self.root):
            return None
        return real.relative_to(self.root).as_posix()

    def extract(
        self, inventory: Path, config: Path | None, others: Iterable[Path], into: Path
    ) -> Path | None:
        """Write an inventory as it was, and what belongs to it; None where it was not there yet.

        `others`: files of options. The paths are those of the repository, below `into`. UsageError
        where a file is a link, InputError where the disk is full.
        """
        inside = self.path_of(inventory)
        if inside is None or inside not in self._list([inside]):
            return None
        setup = None if config is None else self.path_of(config)
        named = {inside, *filter(None, [setup, *map(self.path_of, others)])}
        for path in filter(None, [inside, setup]):
            folder = PurePosixPath(path).parent
            listed = self._list([f"{folder}/"] if folder.name else [])
            named |= {path for path in listed if path.endswith(_BESIDE)}
        self._write(named, into)
        if setup is not None:
            self._write(self._tables_of(into / setup, into), into)
        return into / inside

    def _tables_of(self, config: Path, into: Path) -> set[str]:
        """Return the tables that a placement.toml lists; a wrong one is told when it is read."""
        if not config.exists():
            return set()
        try:
            files = read_config(config, allow_outside=True).config.files
        except UsageError:
            return set()
        listed = (getattr(files, table) for table in FilesSection.model_fields)
        paths = (os.path.normpath(config.parent / str(one)) for one in listed if one is not None)
        return {
            Path(path).relative_to(into).as_posix()
            for path in paths
            if Path(path).is_relative_to(into)
        }

    def _list(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the files at the commit, each with its mode: of paths, or of the root."""
        words = ["ls-tree", "-z", "--full-tree", self.sha]
        listed = _git(self.root, [*words, "--", *paths] if paths else words).decode(
            "utf-8", "surrogateescape"
        )
        found: dict[str, str] = {}
        for entry in filter(None, listed.split("\0")):
            about, _, path = entry.partition("\t")
            mode, kind, _ = about.split(" ")
            if kind == "blob":
                found[path] = mode
        return found

    def _write(self, paths: Iterable[str], into: Path) -> None:
        for path in sorted(paths):
            target = into / path
            mode = self._list([path]).get(path)
            if mode is None or target.exists():
                continue
            if mode == _LINK:
                message = f"is a link at {self.name}, and links are not followed there"
                raise UsageError(Fault(message, "give the base as a file: --base FILE", path))
            content = _git(self.root, ["cat-file", "blob", f"{self.sha}:{path}"])
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            except OSError as error:
                message = f"cannot be written: {error.strerror}"
                raise InputError(Fault(message, "make room there", str(target))) from error


def merge_base(folder: Path, refs: Iterable[str]) -> Commit:
    """Return the commit at which HEAD left the first of some refs that git knows.

    UsageError where there is no repository, git knows none of them, or they have nothing in common.
    """
    asked = tuple(refs)
    root = repository_of(folder)
    if root is None:
        message = "is in no git repository, so there is no --base-ref"
        raise UsageError(Fault(message, "give the base as a file: --base FILE", str(folder)))
    for ref in asked:
        words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
        if not _asked(root, words):
            continue
        found = _asked(root, ["merge-base", "HEAD", f"{ref}^{{commit}}"])
        if not found:
            raise UsageError(Fault("git knows no commit in common with HEAD", _SHALLOW, value=ref))
        return Commit(root, ref, found.decode().strip())
    raise UsageError(Fault("git knows no such ref", _SHALLOW, value=asked[-1]))


def repository_of(folder: Path) -> Path | None:
    """Return the root of the git repository that a folder is in, None where it is in none."""
    found = _asked(folder, ["rev-parse", "--show-toplevel"])
    return Path(os.path.realpath(os.fsdecode(found.rstrip(b"\n")))) if found else None


def _asked(folder: Path, words: list[str]) -> bytes:
    """Return what git answers, nothing where it says no."""
    return _run(folder, words).stdout


def _git(folder: Path, words: list[str]) -> bytes:
    ran = _run(folder, words)
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "backslashreplace").strip().partition("\n")[0]
        raise UsageError(Fault(f"git {words[0]} failed: {said}", "give the base as a file: --base"))
    return ran.stdout


def _run(folder: Path, words: list[str]) -> subprocess.CompletedProcess[bytes]:
    # The folder says which repository it is, also where a hook of another one runs us.
    own = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *words], env=own, stdin=subprocess.DEVNULL,
            capture_output=True, check=False,
        )  # fmt: skip
    except OSError as error:
        message = f"git cannot be run: {error.strerror}"
        raise UsageError(
            Fault(message, "install git, or give the base as a file: --base")
        ) from error
