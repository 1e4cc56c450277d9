"""The one thing that pyproject.toml cannot say: the example ships inside the package."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithExample(build_py):
    """Copy `inputs/example` to `placement/example`; an editable install reads it where it is."""

    def run(self) -> None:
        """Build, and copy."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "placement" / "example"
        self.mkpath(str(target))
        for path in sorted(Path("inputs", "example").iterdir()):
            self.copy_file(str(path), str(target / path.name))


setup(cmdclass={"build_py": BuildWithExample})
