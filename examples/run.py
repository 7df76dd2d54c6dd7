"""Install the example pack into an environment of its own, beside this checkout, and run it as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Install, scan a directory with the pack's provider, check and report, and look at the answers."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "venv", with_pip=True)
        python = place / "venv" / "bin" / "python"
        _run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            str(ROOT),
            str(ROOT / "examples/cloudscan-acme"),
        )
        (place / "disk" / "calls").mkdir(parents=True)
        for name in ("Ana_Example.wav", "ticket-17.wav"):
            with wave.open(str(place / "disk" / "calls" / name), "wb") as clip:
                clip.setparams((1, 2, 8000, 8000, "NONE", ""))
                clip.writeframes(bytes(16000))
        scan = (
            place / "venv" / "bin" / "cloudscan",
            "scan",
            "folder",
            "--root",
            str(place / "disk"),
            "-q",
            "--exit-zero",
        )
        names = _run(*scan, "-f", "names", "--checks", "recording-named-after-a-person", cwd=place)
        assert names == "recording-named-after-a-person\t'folder://calls'\n", names  # noqa: S101
        report = json.loads(_run(*scan, "-f", "json", cwd=place))
        assert report["summary"]["hours_of_speech"] > 0, report["summary"]  # noqa: S101
        missing = subprocess.run(
            [scan[0], "scan", "aws"], capture_output=True, text=True, cwd=place, check=False, env=_environment()
        )
        assert missing.returncode == 2, missing  # noqa: S101
        assert "cloudscan[aws]" in missing.stderr, missing.stderr  # noqa: S101
    print("example: the third-party pack was installed and found what it should; without boto3, AWS names the extra")  # noqa: T201
    return 0


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV"))}


def _run(*command: object, cwd: Path | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, check=False, env=_environment())
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
