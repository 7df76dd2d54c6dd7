"""What somebody whom nobody knows can have a token say, at an issuer that gives everybody tokens.

Who makes a repository, a project or a workspace there chooses what it is called, and which branch, event, environment
and audience its runs have: such claims say nothing of whose they are. Others tell the owner, whose name is somebody
else's already. From "About security hardening with OpenID Connect" (GitHub Actions), "OpenID Connect (OIDC)
Authentication Using ID Tokens" (GitLab), "Workload identity tokens" (HCP Terraform), "OpenID Connect" (Google) and
"OIDC with Buildkite". Of other claims we do not claim to know.
"""

from __future__ import annotations

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Over,
    Test,
    all_of,
    any_of,
    constant,
)
from cloudscan.access.patterns import MANY, Pattern
from cloudscan.model import Answer

OPEN_ISSUERS = (
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://app.terraform.io",
    "https://accounts.google.com",
    "https://agent.buildkite.com",
)
"""Issuers at which anyone can have a token for the asking."""
CLAIMS = "assertion."
"""How the name of what a token says begins in conditions."""

_ANY = "aud exp iat nbf jti sha ref ref_type ref_path ref_protected environment runner_environment email_verified"
_OF_GITHUB = "event_name head_ref base_ref workflow repository_visibility run_id run_number run_attempt"
_OF_GITLAB = "pipeline_source project_visibility environment_protected deployment_tier environment_action"
_OF_TERRAFORM = "terraform_run_phase terraform_workspace_name terraform_project_name"
_OF_BUILDKITE = "pipeline_slug build_number build_branch build_tag build_commit build_source step_key"
_CHOSEN = frozenset(f"{_ANY} {_OF_GITHUB} {_OF_GITLAB} {_OF_TERRAFORM} {_OF_BUILDKITE}".split())
_NAMES = frozenset(
    {
        *("repository_owner", "actor", "enterprise", "namespace_path", "user_login", "user_email"),
        *("terraform_organization_name", "organization_slug", "email", "hd"),
    }
)
"""Names of somebody: one that is taken is not to be had, one that only begins or ends like it is."""
_IDS = frozenset(
    {
        *("repository_id", "repository_owner_id", "actor_id", "enterprise_id", "namespace_id", "project_id", "user_id"),
        *("terraform_organization_id", "terraform_project_id", "terraform_workspace_id", "terraform_run_id"),
        *("organization_id", "pipeline_id", "agent_id", "azp"),
    }
)
_PATHS = frozenset({"repository", "workflow_ref", "project_path"})
"""An owner's name, and after a slash what the owner calls something."""
_SUBJECTS = frozenset({"sub", "terraform_full_workspace"})
_OWNED = ("repo:", "project_path:", "organization:", "repository_owner:", "repository_owner_id:", "repository_id:")
"""How a subject begins that tells the owner next."""


def by_strangers(condition: Condition) -> Condition:
    """Return what is left of a condition for a stranger, who has every claim say what it can say for them."""
    match condition:
        case AllOf(parts=parts):
            return all_of(map(by_strangers, parts))
        case AnyOf(parts=parts):
            return any_of(map(by_strangers, parts))
        case Test() if condition.key.startswith(CLAIMS) and (met := claimed(condition)) is not Answer.UNKNOWN:
            return constant(value=met is Answer.YES)
        case _:
            return condition


def claimed(test: Test) -> Answer:
    """Say whether a stranger can have a token that meets a test of one claim."""
    claim = test.key.removeprefix(CLAIMS)
    if claim in _CHOSEN:
        return Answer.YES
    if claim not in _NAMES | _IDS | _PATHS | _SUBJECTS or test.over is not Over.ONE:
        return Answer.UNKNOWN
    if test.negated:
        everything = any(value.pieces == (MANY,) for value in test.values)
        return Answer.of(not everything)  # theirs is another than what is refused
    if test.operator not in (Operator.EQUALS, Operator.LIKE):
        return Answer.UNKNOWN
    met = [_fitted(claim, value) for value in test.values]
    return min(met, key=(Answer.YES, Answer.UNKNOWN, Answer.NO).index, default=Answer.NO)


def _fitted(claim: str, value: Pattern) -> Answer:
    """Say whether a claim of a stranger's token can fit a value, or what a value begins with, ends with or contains."""
    pieces = value.pieces
    if pieces == (MANY,):
        return Answer.YES
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) != 1:
        return Answer.UNKNOWN if texts else Answer.NO
    (text,) = texts
    if claim in _IDS:
        return Answer.NO if pieces == (text,) else Answer.UNKNOWN
    if claim in _SUBJECTS:
        return _as_subject(text, whole=pieces == (text,), at_start=pieces[0] is not MANY)
    if pieces == (text,):
        return Answer.NO
    if claim in _PATHS:
        return Answer.of(pieces[0] is MANY or "/" not in text)
    # Somebody's name that ends after the sign is all of it: a domain of addresses, a group of groups.
    ends = pieces[-1] is not MANY and "@" in text
    return Answer.of(not ends and "/" not in text)


def _as_subject(text: str, *, whole: bool, at_start: bool) -> Answer:
    if not at_start:
        return Answer.UNKNOWN if ":" in text else Answer.YES
    if text.isdecimal():
        return Answer.NO if whole else Answer.UNKNOWN
    for start in _OWNED:
        if text.startswith(start):
            owner = text.removeprefix(start)
            return Answer.of(not whole and "/" not in owner and ":" not in owner)
        if start.startswith(text) and not whole:
            return Answer.YES
    return Answer.UNKNOWN
