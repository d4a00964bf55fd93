"""Environments for other people's Python packages: each its own, with pinned versions, in this user's cache."""
import hashlib
import os
import pathlib
import subprocess
import sys

# llama.cpp's own server as PyPI has it.
LLAMA_SERVER = ["xllamacpp==2026.10.11549"]


def environment(name, packages):
    """The Python that has these packages; it is made the first time."""
    digest = hashlib.sha256("\n".join(packages).encode()).hexdigest()[:12]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "gonka" / f"{name}-{digest}"
    if not (folder / "complete").exists():
        print(f"installing {', '.join(packages)} with pip into {folder}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "--quiet", "--disable-pip-version-check", "install", *packages],
                       check=True)
        (folder / "complete").touch()
    return folder / "bin" / "python"


def clean_environment():
    """Without what the packages would take for their own configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "GONKA_", "LITELLM_"))}
