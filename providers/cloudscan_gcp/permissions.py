"""The least role that a scan needs, as a custom role that can be deployed as it is.

Names are those of "IAM permissions reference". All of them read, none of them writes.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan.provider import Facet
from cloudscan_gcp.session import ROLE

_OF_BUCKETS = "storage.buckets.list"
_INVENTORY = ("cloudasset.assets.listResource", "cloudasset.assets.searchAllIamPolicies")
"""What saves a question for each of many: where it is not granted, each is asked."""
_PERMISSIONS: Mapping[Facet, tuple[str, ...]] = {
    Facet.PUBLIC_ACCESS: ("orgpolicy.policy.get",),
    Facet.POLICY: (
        "iam.roles.get",
        "iam.roles.list",
        "orgpolicy.policy.get",
        "storage.buckets.getIamPolicy",
        "storage.managedFolders.getIamPolicy",
        "storage.managedFolders.list",
    ),
    Facet.ACL: ("orgpolicy.policy.get", "storage.buckets.getIamPolicy"),
    # A role knows of no --versions: it may list all that a bucket keeps.
    Facet.OBJECTS: ("storage.multipartUploads.list", "storage.objects.list"),
    Facet.DELETED: ("storage.objects.list",),
    Facet.UPLOADS: ("storage.multipartUploads.list",),
    Facet.REPLICATION: ("storagetransfer.jobs.list",),
    Facet.BACKUPS: ("storagetransfer.jobs.list",),
    Facet.HEADS: ("storage.objects.list",),
    Facet.PRINCIPALS: (*_INVENTORY, "iam.serviceAccounts.getIamPolicy", "iam.serviceAccounts.list"),
    Facet.CREDENTIALS: (
        *_INVENTORY,
        "iam.serviceAccountKeys.list",
        "iam.serviceAccounts.list",
        "orgpolicy.policy.get",
        "storage.hmacKeys.list",
    ),
    Facet.WORKLOADS: (
        "cloudfunctions.functions.list",
        "compute.instances.list",
        "compute.networks.getEffectiveFirewalls",
        "compute.projects.get",
        "orgpolicy.policy.get",
        "run.jobs.list",
        "run.services.list",
        "run.workerpools.list",
    ),
    Facet.JOBS: (
        "contactcenterinsights.conversations.list",
        "contactcenterinsights.encryptionSpecs.get",
        "contactcenterinsights.settings.get",
        "dialogflow.agents.get",
        "dialogflow.agents.list",
        "dialogflow.flows.list",
        "dialogflow.securitySettings.list",
        "speech.config.get",
        "speech.customClasses.list",
        "speech.locations.list",
        "speech.operations.list",
        "speech.phraseSets.list",
        "speech.recognizers.list",
    ),
    Facet.KEYS: (
        "cloudasset.assets.listResource",
        "cloudkms.cryptoKeys.get",
        "cloudkms.cryptoKeys.getIamPolicy",
        "cloudkms.cryptoKeys.list",
        "cloudkms.keyRings.getIamPolicy",
        "cloudkms.keyRings.list",
        "cloudkms.locations.list",
    ),
    Facet.LOG_SOURCES: (
        "logging.buckets.get",
        "logging.sinks.list",
        "resourcemanager.folders.getIamPolicy",
        "resourcemanager.organizations.getIamPolicy",
        "resourcemanager.projects.getIamPolicy",
    ),
    Facet.FEDERATIONS: (
        "firebaserules.releases.list",
        "firebaserules.rulesets.get",
        "firebasestorage.buckets.list",
        "iam.googleapis.com/workloadIdentityPoolProviders.list",
        "iam.googleapis.com/workloadIdentityPools.list",
    ),
    Facet.ORGANIZATION: (
        "accesscontextmanager.policies.list",
        "accesscontextmanager.servicePerimeters.list",
        "iam.denypolicies.get",
        "iam.denypolicies.list",
        "iam.principalaccessboundarypolicies.list",
        "iam.principalaccessboundarypolicies.searchPolicyBindings",
        "privilegedaccessmanager.entitlements.list",
        "resourcemanager.folders.getIamPolicy",
        "resourcemanager.hierarchyNodes.listEffectiveTags",
        "resourcemanager.organizations.get",
        "resourcemanager.organizations.getIamPolicy",
        "resourcemanager.projects.getIamPolicy",
        "storage.buckets.listEffectiveTags",
    ),
}
_WALK = ("resourcemanager.folders.list", "resourcemanager.projects.list")
"""What walking down a folder or organization takes."""
_OF_ORGANIZATIONS = (
    *_WALK,
    "accesscontextmanager.",
    "iam.denypolicies.",
    "iam.principalaccessboundarypolicies.",
    "resourcemanager.folders.",
    "resourcemanager.organizations.",
)
"""What no role of a single project can hold; of what ends with a dot, all that begins with it."""


def permissions(facets: frozenset[Facet], *, sniff: bool = False) -> tuple[str, ...]:
    """Return the permissions that answer these facets.

    Objects may be read only if ``sniff`` asks it: a list tells all that their metadata hold. Their access control lists
    come with it where both are wanted.
    """
    needed = {"resourcemanager.projects.get", *_WALK}
    needed.update(*(_PERMISSIONS.get(facet, ()) for facet in facets))
    if any(facet == "stores" or facet.startswith(("store.", "object")) for facet in facets):
        needed.add(_OF_BUCKETS)
    if Facet.ACL in facets and not facets.isdisjoint((Facet.OBJECTS, Facet.HEADS)):
        needed.add("storage.objects.getIamPolicy")
    if sniff:
        needed.add("storage.objects.get")
    return tuple(sorted(needed))


def definition(facets: frozenset[Facet], *, sniff: bool) -> str:
    """Return the definition of a custom role that the scanner's service account is to be granted."""
    names = permissions(facets, sniff=sniff)
    above = [name for name in names if name.startswith(_OF_ORGANIZATIONS)]
    lines = [f"  - {name}" for name in names if name not in above]
    lines += [f"  # {_ABOVE}", *(f"  - {name}" for name in above)]
    return _DEFINITION.format(role=ROLE, above=_ABOVE, permissions="\n".join(lines))


_ABOVE = "Only for an organization:"
"""What no role of a single project can hold follows this, as the last part of the definition."""
_DEFINITION = """\
# The least role for cloudscan. For an organization, which its folders and projects inherit:
#   gcloud iam roles create {role} --organization=ORGANIZATION --file=FILE
#   gcloud organizations add-iam-policy-binding ORGANIZATION --condition=None \\
#     --member=serviceAccount:SCANNER --role=organizations/ORGANIZATION/roles/{role}
# For all below one folder, which takes the organization's role too, since folders define none:
#   gcloud resource-manager folders add-iam-policy-binding FOLDER --condition=None \\
#     --member=serviceAccount:SCANNER --role=organizations/ORGANIZATION/roles/{role}
# For a single project, without what only an organization's role can hold:
#   sed '/^  # {above}/,$d' FILE > project.yaml
#   gcloud iam roles create {role} --project=PROJECT --file=project.yaml
#   gcloud projects add-iam-policy-binding PROJECT --condition=None \\
#     --member=serviceAccount:SCANNER --role=projects/PROJECT/roles/{role}
# Where buckets make their readers pay, or with --quota-project, the project that pays has to allow
# serviceusage.services.use (roles/serviceusage.serviceUsageConsumer) too, and so has each project whose operations of
# Speech-to-Text v1 are to be listed. Scan with
# --impersonate-service-account SCANNER, which takes roles/iam.serviceAccountTokenCreator on that service account, and
# the IAM Service Account Credentials API in its project (gcloud services enable iamcredentials.googleapis.com).
# --inventory takes storageinsights.reportConfigs.list in each project, and roles/storage.objectViewer on each bucket
# that reports are written to, and on no other.
# Who is in groups no role of IAM tells: give SCANNER the role Groups Reader in the Admin console, too.
title: cloudscan
description: Read-only role for cloudscan, with the permissions that the selected checks need and no others.
stage: GA
includedPermissions:
{permissions}
"""
