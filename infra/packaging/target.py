"""The machine that a package is built for: a Python version and an architecture."""

import sys
from dataclasses import dataclass

GLIBC = {"3.12": 34, "3.13": 34, "3.14": 34}
"""Python of a Lambda runtime → its glibc, 2.x; that of 3.11 and older is 2.26, too old for numpy."""

MANYLINUX = (17, 24, 27, 28, 31, 34)


@dataclass(frozen=True)
class Target:
    """A Lambda runtime, or with `architecture` "local" the interpreter that runs this."""

    python: str
    architecture: str

    @property
    def runtime(self) -> str:
        return f"python{self.python}"

    @property
    def is_local(self) -> bool:
        return self.architecture == "local"

    @property
    def pip_flags(self) -> list[str]:
        """What makes pip choose wheels for the target; nothing for the local interpreter."""
        if self.is_local:
            return []
        tags = [
            f"manylinux_2_{minor}_{self.architecture}" for minor in MANYLINUX if minor <= GLIBC[self.python]
        ]
        tags.append(f"manylinux2014_{self.architecture}")
        platforms = [flag for tag in tags for flag in ("--platform", tag)]
        return [
            "--implementation",
            "cp",
            "--python-version",
            self.python,
            "--only-binary",
            ":all:",
            *platforms,
        ]


LOCAL = Target(f"{sys.version_info.major}.{sys.version_info.minor}", "local")
