"""Write the pair of files of a new check and enter it in the catalogue: ``make new-check NAME=stale-voiceprint``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACK = Path(__file__).resolve().parent / "cloudscan_checks"
CHECK = '''"""See the check's own docstring, which is its page in the catalogue."""

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, MediaClass, Severity
from cloudscan.provider import Facet


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS,),
    remediation={{
        "aws": "TODO: a command with {{name}} filled in.",
        "gcp": "TODO",
        "azure": "TODO",
    }},
)
def {name}(self: Check, world: World) -> Iterator[Finding]:
    """TODO: what is wrong, in one line.

    TODO: why it matters.
    """
    for store in world.estate.stores_with(MediaClass.SPEECH):
        yield self.unknown(store, "TODO: the question is not asked yet")
'''
TEST = '''"""What {name} must find, must let pass, and cannot tell."""

from cloudscan.testing import findings, speech, store, unknown, world
from cloudscan_checks.{name} import {name}


def test_what_is_not_known_is_unknown() -> None:
    found = findings({name}, world(store("calls"), speech("calls", "a.wav")))
    assert unknown(found) == ["arn:aws:s3:::calls"]
'''


def main() -> int:
    """Write the files; refuse a bad or taken name."""
    given = sys.argv[1] if len(sys.argv) > 1 else ""
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+", given) or given.startswith(("no-", "ensure-")):
        print("usage: make new-check NAME=problem-as-a-noun-phrase")  # noqa: T201
        return 2
    name = given.replace("-", "_")
    module, catalog = PACK / f"{name}.py", PACK / "catalog.py"
    if module.exists():
        print(f"{given} exists already: {module}")  # noqa: T201
        return 2
    module.write_text(CHECK.format(name=name), encoding="utf-8")
    (PACK / f"test_{name}.py").write_text(TEST.format(name=name), encoding="utf-8")
    text = catalog.read_text(encoding="utf-8")
    imports = sorted(
        {
            *re.findall(r"^from cloudscan_checks\.\w+ import \w+$", text, re.MULTILINE),
            f"from cloudscan_checks.{name} import {name}",
        }
    )
    text = re.sub(r"(^from cloudscan_checks\.\w+ import \w+\n)+", "\n".join(imports) + "\n", text, flags=re.MULTILINE)
    body = re.search(r"CHECKS[^=]*= \(\n(?P<names>.*?)\n\)", text, re.DOTALL)
    if body is None:
        print(f"cannot find CHECKS in {catalog}")  # noqa: T201
        return 1
    names = sorted({*re.findall(r"\w+", body["names"]), name})
    text = text.replace(body["names"], "\n".join(f"    {one}," for one in names))
    catalog.write_text(text, encoding="utf-8")
    print(f"wrote {module.name} and its test, and entered it in the catalogue; next: make docs test")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
