"""Commands that only print start quickly: they import none of the heavy packages, and the demo none but its own."""

import subprocess
import sys
from importlib.metadata import files, packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAVY = {"boto3", "botocore", "duckdb", "networkx", "moto", "rich", "yaml", "msgspec", "google", "grpc", "celpy"}


def _imported(*arguments: str) -> set[str]:
    """Return the packages that a command imports."""
    return {name.split(".")[0] for name in _modules(*arguments)}


def _modules(*arguments: str) -> set[str]:
    program = (
        f"import sys\nbefore = set(sys.modules)\nsys.argv = ['cloudscan', *{list(arguments)!r}]\n"
        "from cloudscan.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('MODULES', *sorted(sys.modules.keys() - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("MODULES", 1)[1].split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["demo", "--help"]])
def test_printing_imports_nothing_heavy(arguments: list[str]) -> None:
    assert _imported(*arguments) & HEAVY == set()


def test_listing_checks_needs_no_cloud_sdk() -> None:
    assert _imported("checks", "list") & {"boto3", "botocore", "duckdb", "networkx", "moto", "rich"} == set()


def test_the_help_of_a_scan_needs_no_cloud_sdk() -> None:
    assert _imported("scan", "aws", "--help") & {"boto3", "botocore", "duckdb", "moto"} == set()


def _installed_with(extra: str) -> set[str]:
    """Return the distributions that ``pip install cloudscan[EXTRA]`` brings, by their canonical names."""
    found: set[str] = set()
    waiting, seen = [Requirement(f"cloudscan[{extra}]")], set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        for chosen in ("", *asked.extras):
            if (name, chosen) in seen:
                continue
            seen.add((name, chosen))
            found.add(name)
            needed = map(Requirement, requires(name) or ())
            waiting += [each for each in needed if each.marker is None or each.marker.evaluate({"extra": chosen})]
    return found


def _modules_of(owner: str) -> set[str]:
    """Return the names of the modules that a distribution has installed."""
    paths = (path.with_suffix("") for path in files(owner) or () if path.suffix == ".py")
    return {".".join(path.parts).removesuffix(".__init__") for path in paths}


def test_the_demo_imports_nothing_that_its_extra_does_not_install() -> None:
    owners = packages_distributions()
    modules = _modules("demo", "-q")
    shared = {"azure", "google"}  # many distributions have modules in these
    tops = {name.split(".")[0] for name in modules} - shared
    used = {canonicalize_name(owner) for top in tops for owner in owners.get(top, ())}
    among = {owner for top in shared for owner in owners.get(top, ())}
    used |= {canonicalize_name(owner) for owner in among if modules & _modules_of(owner)}
    assert {"moto", "boto3", "duckdb", "gcp-storage-emulator", "google-cloud-storage", "google-cloud-speech"} <= used
    # msgspec, jsonschema and lark take these where they happen to be installed, and do without where they are not.
    optional = {"typing-extensions", "jsonpointer", "rfc3339-validator", "regex"}
    assert used - _installed_with("demo") <= optional


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "cloudscan", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cloudscan, version")


def _says(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.strip()


@pytest.mark.parametrize(
    ("package", "sdks"), [("gcp", ("google", "requests", "grpc")), ("azure", ("azure", "requests", "msal"))]
)
def test_importing_a_provider_imports_no_sdk(package: str, sdks: tuple[str, ...]) -> None:
    assert _says(f"import sys, cloudscan_{package}; print([n for n in sys.modules if n.startswith({sdks})])") == "[]"


@pytest.mark.parametrize(
    ("package", "provider", "libraries"), [("gcp", "GcpProvider", "google"), ("azure", "AzureProvider", "azure")]
)
def test_without_libraries_the_extra_is_named_and_the_role_is_told_all_the_same(
    package: str, provider: str, libraries: str
) -> None:
    program = (
        f"import sys; sys.modules[{libraries!r}] = None\n"
        "from cloudscan.errors import MissingExtra\n"
        "from cloudscan.provider import Scope\n"
        f"from cloudscan_{package} import {provider}\n"
        f"assert {provider}().role(frozenset(), sniff=False, heads=False)\n"
        f"try:\n    {provider}().plan(Scope(frozenset()))\n"
        "except MissingExtra as error:\n    print(error.extra)\n"
    )
    assert _says(program) == package
