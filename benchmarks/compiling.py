"""The parts in C, compiled when they are needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def compiled(name: str, folder: Path, *options: str) -> Path:
    """What `cc` makes of a source file of this package; exits if there is no `cc`."""
    if shutil.which("cc") is None:
        raise SystemExit("A C compiler is needed for the load: apt-get install gcc libc6-dev")
    made = folder / name
    source = Path(__file__).with_name(name).with_suffix(".c")
    subprocess.run(["cc", "-O3", *options, "-o", str(made), str(source)], check=True)
    return made
