"""How what gives somebody a right is taken away, by the name that a proof gives its statement.

Each kind of statement goes with a call of its own, and the call for another does nothing, or more than is meant. This
is the only place that words them. Commands are those of the reference of the Azure CLI, and of Microsoft Graph where
that has none. Names in statements are hostile: each stands in a command as one word of a shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from urllib.parse import quote

from cloudscan.model import Step

UNDO = (
    "Take away what the path names, by the call for its kind: a role assignment `az role assignment delete --ids ID`;"
    " a membership `az ad group member remove --group GROUP --member-id OBJECT`; an owner `az ad group owner remove"
    " --group GROUP --owner-object-id OBJECT` or `az ad app owner remove --id APP --owner-object-id OBJECT`; an"
    " eligible role by a request of the type AdminRemove; a delegation `az managedservices assignment delete"
    " --assignment ID`; a federated credential `az identity federated-credential delete --identity-name IDENTITY"
    " --name NAME --resource-group GROUP`; an entry of access control lists `az storage fs access remove-recursive"
    " --acl ENTRY --path / --file-system CONTAINER --account-name ACCOUNT --auth-mode login`."
)
"""The sentence for remediation texts of Azure. Where a finding has a path, those of its own statements stand for it."""
_SECRETS = {
    "access-key": (
        "turn it off, `aws iam update-access-key --user-name HOLDER --access-key-id KEY --status Inactive`, and delete"
        " it when nothing breaks; the root user's goes in the console"
    ),
    "service-account-key": "delete it, `gcloud iam service-accounts keys delete KEY --iam-account=HOLDER`",
    "hmac-key": (
        "turn it off, `gcloud storage hmac update KEY --deactivate`, and delete it, `gcloud storage hmac delete KEY`"
    ),
    "client-secret": "delete it, `az ad app credential delete --id HOLDER --key-id KEY`",
    "client-certificate": "delete it, `az ad app credential delete --id HOLDER --key-id KEY --cert`",
    "account-key": (
        "renew both keys, `az storage account keys renew --account-name HOLDER --key primary` and the same with"
        " `--key secondary`, which ends every signature that they made, or take none any more,"
        " `az storage account update --name HOLDER --allow-shared-key-access false`"
    ),
    "speech-key": (
        "renew both keys, `az cognitiveservices account keys regenerate --name HOLDER --resource-group CONTAINER"
        " --key-name key1` and the same with `--key-name key2`, or take none any more,"
        " `az resource update --ids KEY --set properties.disableLocalAuth=true`"
    ),
    "signature": (
        "delete the stored access policy, with which every signature by it ends,"
        " `az storage container policy delete --account-name HOLDER --container-name CONTAINER --name KEY`"
    ),
}
"""How secrets are stopped, by their kind."""
_MOST = 3
"""Statements of a path that are worded; the path itself names all."""
_GRAPH = "https://graph.microsoft.com/v1.0"
_PIM = f"{_GRAPH}/roleManagement/directory/roleEligibilityScheduleRequests"
_PIM_GROUPS = f"{_GRAPH}/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests"
_ROLES = "roleManagement/directory/roleAssignments"


def undone(path: Sequence[Step]) -> str:
    """Say how the first right on a path is taken away from who has it; "" where no kind of its statements is known."""
    own = [step for step in path if step.source == path[0].source]
    told = list(dict.fromkeys(words for step in own if (words := how(step))))
    if not told:
        return ""
    more = "" if len(told) <= _MOST else f"; the path names {len(told) - _MOST} more"
    words = "; ".join([*told[:_MOST], *dict.fromkeys(words for step in own if (words := _kept(step)))])
    return f"{words[0].upper()}{words[1:]}{more}."


def stopping(kind: str, holder: str, key: str, container: str = "") -> str:
    """Say how a secret is stopped that is somebody's or something's, as a clause; "" for a kind that is not known.

    The names stand in commands as they are: quoted for a shell, or placeholders of a remediation text.
    """
    names = {"HOLDER": holder, "KEY": key, "CONTAINER": container}
    return re.sub(r"\b(?:HOLDER|KEY|CONTAINER)\b", lambda found: names[found[0]], _SECRETS.get(kind, ""))


def how(step: Step) -> str:
    """Say how a statement is taken away, as a clause that begins with a verb; "" for a kind that is not known."""
    for form, words in _KINDS:
        if found := form.fullmatch(step.statement):
            return words(found, step)
    return ""


def _command(*words: str) -> str:
    return f"`{' '.join(map(shlex.quote, words))}`"


def _object(step: Step) -> str:
    """Return the object id of whom a step is about."""
    return step.source.removeprefix("entra:")


def _assignment(found: re.Match[str], step: Step) -> str:
    end = _command("az", "role", "assignment", "delete", "--ids", found[0])
    leave = _command("az", "ad", "group", "member", "remove", "--group", "GROUP", "--member-id", _object(step))
    return f"take the role assignment away, {end}, or, where it is a group's, the one member out of that, {leave}"


def _eligible(found: re.Match[str], _: Step) -> str:
    url = f"{quote(found['scope'])}/providers/Microsoft.Authorization/roleEligibilityScheduleRequests/NEW_GUID"
    end = _command("az", "rest", "--method", "put", "--url", f"{url}?api-version=2020-10-01", "--body", "@request.json")
    return f"end the eligibility by a request of the type AdminRemove for its role and principal, {end}"


def _delegation(found: re.Match[str], _: Step) -> str:
    end = _command("az", "managedservices", "assignment", "delete", "--assignment", found["id"])
    return f"end the delegation, with all that its offer gives, {end}"


def _federated(found: re.Match[str], _: Step) -> str:
    words = ("--identity-name", found["identity"], "--name", found["name"], "--resource-group", found["group"])
    which = ("--subscription", found["subscription"])
    end = _command("az", "identity", "federated-credential", "delete", *words, *which)
    return f"delete the federated credential, {end}"


def _app_federated(found: re.Match[str], _: Step) -> str:
    words = ("--id", found["app"], "--federated-credential-id", found["name"])
    return f"delete the federated credential, {_command('az', 'ad', 'app', 'federated-credential', 'delete', *words)}"


def _listed(found: re.Match[str], step: Step) -> str:
    where = ("--path", "/", "--file-system", found["name"], "--account-name", found["account"], "--auth-mode", "login")
    entry = ("--acl", f"user:{_object(step)}")
    end = _command("az", "storage", "fs", "access", "remove-recursive", *entry, *where)
    others = _command("az", "storage", "fs", "access", "update-recursive", "--acl", "other::---", *where)
    return (
        f"take the entry out of the access control lists, {end}, and once more with `default:` before it (a group's is"
        f" `group:GROUP`); what they give to everybody else goes by {others}"
    )


def _public(found: re.Match[str], _: Step) -> str:
    words = ("--account-name", found["account"], "--name", found["name"], "--public-access", "off")
    return f"turn public access off, {_command('az', 'storage', 'container', 'set-permission', *words)}"


def _vault(found: re.Match[str], step: Step) -> str:
    words = ("--name", found["vault"], "--object-id", _object(step))
    return f"take the access policy away, {_command('az', 'keyvault', 'delete-policy', *words)}"


def _owner(found: re.Match[str], step: Step) -> str:
    who, owned = _object(step), found["owned"]
    if found["kind"] == "app":
        end = _command("az", "ad", "app", "owner", "remove", "--id", owned, "--owner-object-id", who)
    elif "/groups/" in step.action:
        end = _command("az", "ad", "group", "owner", "remove", "--group", owned, "--owner-object-id", who)
    else:
        url = f"{_GRAPH}/servicePrincipals/{quote(owned)}/owners/{quote(who)}/$ref"
        end = _command("az", "rest", "--method", "delete", "--url", url)
    return f"let it own that no more, {end}"


def _directory(found: re.Match[str], step: Step) -> str:
    kind, own = found["kind"], quote(found["id"])
    if kind == "directory-eligible":
        words = [
            _command("az", "rest", "--method", "post", "--url", url, "--body", "@request.json")
            for url in (_PIM, _PIM_GROUPS)
        ]
        return (
            f"end the eligibility in Privileged Identity Management by a request with the action adminRemove, of a role"
            f" {words[0]}, of a group {words[1]}"
        )
    place = f"servicePrincipals/{quote(_object(step))}/appRoleAssignments" if kind == "app-role" else _ROLES
    end = _command("az", "rest", "--method", "delete", "--url", f"{_GRAPH}/{place}/{own}")
    return f"take the role of the directory away, {end}"


def _kept(step: Step) -> str:
    """Say what stays good of keys that a step reads, and how that ends; "" for one that reads none of a known place."""
    account = re.fullmatch(r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/([^/]+)/[^/]+/[^/]+", step.target)
    if account is None or not step.statement or not step.action.lower().endswith("accounts/listkeys/action"):
        return ""
    kind = account[1].lower()
    if kind == "microsoft.storage":
        off = _command("az", "storage", "account", "update", "--ids", step.target, "--allow-shared-key-access", "false")
    else:
        off = _command("az", "resource", "update", "--ids", step.target, "--set", "properties.disableLocalAuth=true")
    return f"keys that were read stay good until they are renewed, or none is taken any more, {off}"


_PLACE = r"/subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/providers"
_CONTAINER = (
    rf"{_PLACE}/microsoft\.storage/storageaccounts/(?P<account>[^/]+)/blobservices/default/containers/(?P<name>[^/]+)"
)
_KINDS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], Step], str]]] = [
    (re.compile(form, re.IGNORECASE | re.DOTALL), words)
    for form, words in (
        (r"(?:/.*)?/providers/microsoft\.authorization/roleassignments/[^/]+", _assignment),
        (r"(?P<scope>.*)/providers/microsoft\.authorization/roleeligibilityscheduleinstances/[^/]+", _eligible),
        (r"(?P<id>/.*/registrationassignments/[^/#]+)#.*", _delegation),
        (
            (
                rf"{_PLACE}/microsoft\.managedidentity/userassignedidentities/(?P<identity>[^/]+)"
                r"/federatedidentitycredentials/(?P<name>[^/]+)"
            ),
            _federated,
        ),
        (r"app:(?P<app>[^/#]+)/(?P<name>[^/#]+)", _app_federated),
        (rf"access control lists of {_CONTAINER}", _listed),
        (rf"public access level of {_CONTAINER}", _public),
        (r".*/vaults/(?P<vault>[^/#]+)#access", _vault),
        (r"(?P<kind>app|entra):(?P<owned>[^/#]+)#owners", _owner),
        (r"(?P<kind>directory|directory-eligible|app-role):(?P<id>.+)", _directory),
    )
]
