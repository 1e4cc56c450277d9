"""A git repository of a test's own, untouched by the settings of whoever runs it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@dataclass(frozen=True)
class Repository:
    """A repository in a folder."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Repository:
        """Make one whose branch is `main`."""
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        made.git("init", "--quiet", "--initial-branch", "main")
        return made

    def git(self, *words: str) -> str:
        """Run git there and return what it says."""
        ran = subprocess.run(
            ["git", *words], cwd=self.folder, env={**os.environ, **_ENVIRONMENT},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return ran.stdout.strip()

    def commit(self, said: str, files: dict[str, str] | None = None) -> str:
        """Write files, commit all that is there, and return the commit."""
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", said)
        return self.git("rev-parse", "HEAD")
