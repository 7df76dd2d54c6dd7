"""Services that run what one gives them as an identity, and what lets one do so. Data, no code.

Actions are those of "Azure permissions" (Azure RBAC documentation). What a service asks besides (networks, disks,
plans) is not looked at, since quotas and networks are not either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudscan.model import MediaClass
from cloudscan_azure.policy.operations import Operation, managing, on_data

Uses = tuple[Operation, ...]
"""Operations that are all needed."""
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
ASSIGN = replace(managing(f"{_IDENTITIES}/assign/action"), also=(f"{_IDENTITIES}/name/assign/action",))
"""The role Managed Identity Operator writes it with a star for the name of an identity."""
FEDERATE = managing(f"{_IDENTITIES}/federatedIdentityCredentials/write")


@dataclass(frozen=True, slots=True)
class Service:
    """A service, by the type of its resources in small letters.

    ``steers`` are the ways to have one that is there run what one likes, ``perhaps`` those that hang on something
    nobody reads. ``makes`` is what it takes to make one, or change one that is there, with another identity, and have
    it run something; () where that is not modelled. ``source`` names the document that tells it.
    """

    resource: str
    does: str
    source: str
    steers: tuple[Uses, ...] = ()
    makes: Uses = ()
    perhaps: tuple[tuple[Uses, str], ...] = ()
    reads_only: bool = False
    media: tuple[MediaClass, ...] = ()


def _uses(service: str, *verbs: str) -> Uses:
    return tuple(managing(f"{service}/{verb}") for verb in verbs)


def _each(service: str, *verbs: str) -> tuple[Uses, ...]:
    return tuple(_uses(service, verb) for verb in verbs)


_ADMITTED = "whether the machine lets one sign in with Entra was not read"


def _signing_in(machines: str) -> tuple[tuple[Uses, str], ...]:
    """Whatever somebody runs on a machine has its identity, also what runs without an administrator's rights."""
    return tuple(((on_data(f"{machines}/{verb}/action"),), _ADMITTED) for verb in ("loginAsAdmin", "login"))


_VM, _SET = "Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets"
_WEB, _AUTOMATION, _LOGIC = (
    "Microsoft.Web/sites",
    "Microsoft.Automation/automationAccounts",
    "Microsoft.Logic/workflows",
)
_APP, _JOB, _KUBERNETES = (
    "Microsoft.App/containerApps",
    "Microsoft.App/jobs",
    "Microsoft.ContainerService/managedClusters",
)
_GROUP, _FACTORY = "Microsoft.ContainerInstance/containerGroups", "Microsoft.DataFactory/factories"
_ARC, _SPEECH = "Microsoft.HybridCompute/machines", "Microsoft.CognitiveServices/accounts"
_CODE = (
    "publish/action",
    "publishxml/action",
    "config/list/action",
    "extensions/write",
    "sourcecontrols/write",
    "functions/write",
    "config/write",
    "write",
)
"""Settings, too, say what code an app runs: a package or image from elsewhere ("Run your app from a ZIP package")."""
_PODS = ("runCommand/action", "listClusterAdminCredential/action", "accessProfiles/listCredential/action")
_RUNBOOKS = ("runbooks/write", "runbooks/publish/action", "jobs/write")
_BY_WEBHOOK = ("runbooks/write", "runbooks/publish/action", "webhooks/write")
_BY_SCHEDULE = ("runbooks/write", "runbooks/publish/action", "schedules/write", "jobSchedules/write")
_AS_TEST = ("runbooks/draft/content/write", "runbooks/draft/testJob/write")
_AS_MADE = ("runbooks/draft/write", "runbooks/draft/testJob/write")
_PIPELINE = ("pipelines/write", "pipelines/createrun/action")
_BY_TRIGGER = ("pipelines/write", "triggers/write", "triggers/start/action")
_ORDERS = ("transcriptions/write", "transcriptions/read")
_SCRIPT = (
    *_uses("Microsoft.Resources/deploymentScripts", "write"),
    *_uses(_GROUP, "write"),
    *_uses("Microsoft.Storage/storageAccounts", "write", "listKeys/action"),
)
"""A script runs in a container, with a share of a storage account: who deploys it makes both."""

SERVICES = (
    Service(
        _VM.lower(),
        "run commands on",
        "Run scripts in your VM by using Run Command",
        _each(_VM, "runCommand/action", "runCommands/write", "extensions/write"),
        _uses(_VM, "write", "runCommand/action"),
        _signing_in(_VM),
    ),
    Service(
        _SET.lower(),
        "run commands on",
        "Custom Script Extension",
        (
            *_each(_SET, "virtualMachines/runCommand/action", "virtualMachines/runCommands/write"),
            *_each(_SET, "virtualMachines/extensions/write", "extensions/write", "write"),
        ),
        _uses(_SET, "write"),
    ),
    Service(
        _WEB.lower(),
        "publish code to",
        "Configure deployment credentials for Azure App Service",
        _each(_WEB, *_CODE),
        _uses(_WEB, "write"),
    ),
    Service(
        _AUTOMATION.lower(),
        "run a runbook of their own in",
        "Manage role permissions and security in Azure Automation",
        tuple(_uses(_AUTOMATION, *verbs) for verbs in (_RUNBOOKS, _BY_WEBHOOK, _BY_SCHEDULE, _AS_TEST)),
        _uses(_AUTOMATION, "write", *_RUNBOOKS),
        ((_uses(_AUTOMATION, *_AS_MADE), "whether making a draft writes what it does is not documented"),),
    ),
    Service(
        _LOGIC.lower(),
        "write what is done by",
        "Secure access and data in Azure Logic Apps",
        _each(_LOGIC, "write"),
        _uses(_LOGIC, "write"),
    ),
    Service(
        _APP.lower(),
        "run code in",
        "Azure Container Apps: Connect to a container console",
        _each(_APP, "write", "getAuthToken/action"),
        _uses(_APP, "write"),
    ),
    Service(
        _JOB.lower(),
        "run code in",
        "Jobs - Start (Container Apps)",
        _each(_JOB, "start/action"),
        _uses(_JOB, "write", "start/action"),
        ((_uses(_JOB, "write"), "whether the job runs by a schedule or an event was not read"),),
    ),
    Service(
        _KUBERNETES.lower(),
        "run pods on the nodes of",
        "Access a private AKS cluster using the command invoke feature",
        _each(_KUBERNETES, *_PODS),
        _uses(_KUBERNETES, "write", "runCommand/action"),
        (
            (
                _uses(_KUBERNETES, "listClusterUserCredential/action"),
                "whether the cluster, or its own roles, let its users run pods was not read",
            ),
        ),
    ),
    Service(
        _GROUP.lower(),
        "run code in",
        "Execute a command in a running Azure container instance",
        _each(_GROUP, "containers/exec/action", "write"),
        _uses(_GROUP, "write"),
    ),
    Service(
        _FACTORY.lower(),
        "run a pipeline of their own in",
        "Managed identity for Azure Data Factory",
        (_uses(_FACTORY, *_PIPELINE), _uses(_FACTORY, *_BY_TRIGGER)),
        _uses(_FACTORY, "write", "credentials/write", *_PIPELINE),
    ),
    Service(
        _ARC.lower(),
        "run commands on",
        "Run command on Azure Arc-enabled servers",
        _each(_ARC, "runCommands/write", "extensions/write"),
        perhaps=_signing_in(_ARC),
    ),
    Service(
        "microsoft.resources/deploymentscripts",
        "run a script as",
        "Use deployment scripts in templates",
        makes=_SCRIPT,
    ),
    Service(
        _SPEECH.lower(),
        "have recordings transcribed, and read the results, by",
        "Locate audio files for batch transcription: Trusted Azure services security mechanism",
        (
            *_each(_SPEECH, "listKeys/action", "regenerateKey/action"),
            tuple(on_data(f"{_SPEECH}/SpeechServices/speechrest/{one}") for one in _ORDERS),
        ),
        reads_only=True,
        media=(MediaClass.SPEECH, MediaClass.VIDEO),
    ),
)
BY_RESOURCE = {one.resource: one for one in SERVICES}
