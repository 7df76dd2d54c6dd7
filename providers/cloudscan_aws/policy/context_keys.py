"""What is documented about condition keys: how they are spelled, and which carry several values.

From "AWS global condition context keys", "Condition keys for Amazon S3" and "Condition keys for AWS KMS".
"""

from __future__ import annotations

from functools import lru_cache

_SPELLED = """
aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:Ec2InstanceSourcePrivateIPv4
aws:Ec2InstanceSourceVpc aws:EpochTime aws:FederatedProvider aws:MultiFactorAuthAge aws:MultiFactorAuthPresent
aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths
aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalTag/ aws:PrincipalType
aws:RequestedRegion aws:RequestTag/ aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths
aws:ResourceTag/ aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp
aws:SourceOrgID aws:SourceOrgPaths aws:SourceOwner aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:TagKeys
aws:TokenIssueTime aws:UserAgent aws:userid aws:username aws:ViaAWSService aws:VpcSourceIp aws:VpceAccount
aws:VpceOrgID aws:VpceOrgPaths aws:AssumedRoot
s3:AccessGrantsInstanceArn s3:AccessPointNetworkOrigin s3:AccessPointTag/ s3:authType s3:BucketTag/
s3:DataAccessPointAccount s3:DataAccessPointArn s3:delimiter s3:ExistingObjectTag/ s3:InventoryAccessibleOptionalFields
s3:JobSuspendedCause s3:max-keys s3:object-lock-legal-hold
s3:object-lock-mode s3:object-lock-remaining-retention-days s3:object-lock-retain-until-date s3:prefix
s3:RequestObjectTag/ s3:RequestObjectTagKeys s3:ResourceAccount s3:signatureAge s3:signatureversion
s3:TlsVersion s3:x-amz-acl s3:x-amz-content-sha256 s3:x-amz-copy-source
s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id
s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class s3:if-match s3:if-none-match
kms:CallerAccount kms:EncryptionAlgorithm kms:EncryptionContext: kms:EncryptionContextKeys
kms:GrantConstraintType kms:GranteePrincipal kms:GrantIsForAWSResource kms:GrantOperations kms:KeyOrigin
kms:KeySpec kms:KeyUsage kms:MultiRegion kms:MultiRegionKeyType kms:RequestAlias kms:ResourceAliases
kms:RetiringPrincipal kms:ViaService kms:RecipientAttestation:
sts:ExternalId sts:RoleSessionName sts:SourceIdentity sts:TransitiveTagKeys sts:DurationSeconds
sts:AWSServiceName sts:RequestContextProviders sts:TaskPolicyArn
iam:AssociatedResourceArn iam:AWSServiceName iam:PassedToService iam:PermissionsBoundary iam:PolicyARN
iam:ResourceTag/ iam:OrganizationsPolicyId
"""

_CANONICAL = {name.casefold(): name for name in _SPELLED.split()}
_PREFIXES = tuple(name for name in _CANONICAL if name.endswith(("/", ":")))

_SEVERAL = frozenset(
    name.casefold()
    for name in (
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:VpceOrgPaths",
        "aws:TagKeys",
        "kms:EncryptionContextKeys",
        "kms:GrantOperations",
        "kms:ResourceAliases",
        "s3:RequestObjectTagKeys",
        "s3:InventoryAccessibleOptionalFields",
        "sts:TransitiveTagKeys",
        "sts:RequestContextProviders",
    )
)


@lru_cache(maxsize=4096)
def canonical(key: str) -> str:
    """Spell a key as its documentation does; the names of keys are compared without regard to case."""
    folded = key.casefold()
    if (known := _CANONICAL.get(folded)) is not None:
        return known
    for prefix in _PREFIXES:
        if folded.startswith(prefix):
            return _CANONICAL[prefix] + key[len(prefix) :]
    return key


@lru_cache(maxsize=4096)
def is_single(key: str) -> bool:
    """Say whether a key is documented to carry one value at most. Of unknown keys we do not know."""
    folded = key.casefold()
    if folded in _SEVERAL:
        return False
    return folded in _CANONICAL or folded.startswith(_PREFIXES)


@lru_cache(maxsize=4096)
def is_several(key: str) -> bool:
    """Say whether a key is documented to carry several values."""
    return key.casefold() in _SEVERAL


@lru_cache(maxsize=4096)
def may_be_empty(key: str) -> bool:
    """Say whether the one value of a key can be the empty text: that of a tag can, and what a listing asks for."""
    folded = key.casefold()
    return "tag/" in folded or folded in ("s3:prefix", "s3:delimiter")
