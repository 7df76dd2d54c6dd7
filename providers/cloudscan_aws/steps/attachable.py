"""What policies of AWS's own allow, as far as they can lead to recordings: those that somebody may attach anywhere.

From the "AWS Managed Policy Reference Guide", read in August 2026. Each is cut down to what the questions of this
package ask about; a policy of AWS that is not named here gives no object of an arbitrary bucket.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan_aws.policy.documents import Policy

ADMINISTRATOR = "AdministratorAccess"
_READS: Mapping[str, object] = {"Action": ["s3:Get*", "s3:List*"]}
_ALLOWS: Mapping[str, Mapping[str, object]] = {
    ADMINISTRATOR: {"Action": "*"},
    "IAMFullAccess": {"Action": ["iam:*"]},
    "PowerUserAccess": {"NotAction": ["iam:*", "organizations:*", "account:*"]},
    "AmazonS3FullAccess": {"Action": ["s3:*"]},
    "ReadOnlyAccess": _READS,
    "AmazonS3ReadOnlyAccess": _READS,
}
"""The usual ones, the widest first: whoever may attach any policy attaches one of these."""

_READ_EVERY_BUCKET = """
AWSBackupServiceRolePolicyForS3Backup AWSBackupServiceRolePolicyForS3Restore AWSCodeDeployRoleForECS
AWSElasticBeanstalkEKSImageBuild AWSLambdaExecute AdministratorAccess-Amplify
AmazonDynamoDBFullAccesswithDataPipeline AmazonElasticMapReduceFullAccess AmazonElasticMapReduceReadOnlyAccess
SageMakerStudioAdminIAMPermissiveExecutionPolicy SageMakerStudioUserIAMPermissiveExecutionPolicy
job-function/DataScientist job-function/DatabaseAdministrator job-function/SystemAdministrator
service-role/AWSConfigRole service-role/AWSElasticBeanstalkService service-role/AmazonEC2RoleforAWSCodeDeploy
service-role/AmazonEC2RoleforDataPipelineRole service-role/AmazonEC2RoleforSSM
service-role/AmazonElasticMapReduceRole service-role/AmazonElasticMapReduceforEC2Role
service-role/AmazonElasticTranscoderRole service-role/AmazonMacieServiceRole
"""
_READ_SOME_BUCKETS = """
AWSCodeDeployRoleForECSLimited AWSDataExchangeFullAccess AWSDataExchangeProviderFullAccess
AWSDeepRacerRoboMakerAccessPolicy AWSPanoramaFullAccess AWSRoboMaker_FullAccess AmazonBraketFullAccess
AmazonBraketJobsExecutionPolicy AmazonDataZoneSageMakerEnvironmentRolePermissionsBoundary
AmazonRedshiftAllCommandsFullAccess AmazonSageMakerAdmin-ServiceCatalogProductsServiceRolePolicy
AmazonSageMakerCanvasDataPrepFullAccess AmazonSageMakerCanvasEMRServerlessExecutionRolePolicy
AmazonSageMakerFullAccess AmazonSageMakerGroundTruthExecution AmazonSageMakerJobFullAccess
BedrockAgentCoreFullAccess SageMakerStudioProjectRoleMachineLearningPolicy
service-role/AWSCodeDeployRoleForLambda service-role/AWSCodeDeployRoleForLambdaLimited
service-role/AWSDeepRacerServiceRolePolicy service-role/AmazonEC2RoleforAWSCodeDeployLimited
"""
READ_EVERY_BUCKET = frozenset(_READ_EVERY_BUCKET.split())
READ_SOME_BUCKETS = frozenset(_READ_SOME_BUCKETS.split())
"""Those that read objects by their tags, or buckets by their names: whether one of them gives a recording is open."""


def policies_of_aws(partition: str) -> dict[str, Policy]:
    """Return the usual ones by ARN, the widest first."""
    return {arn: _policy(arn, allows) for name, allows in _ALLOWS.items() for arn in [_arn(partition, name)]}


def policy_of_aws(arn: str) -> Policy | None:
    """Return what a policy of AWS's own gives of every bucket; None if it gives nothing, or is no policy of AWS."""
    _, _, name = arn.partition(":aws:policy/")
    return _policy(arn, _READS) if name in READ_EVERY_BUCKET | READ_SOME_BUCKETS else None


def _arn(partition: str, name: str) -> str:
    return f"arn:{partition}:iam::aws:policy/{name}"


def _policy(arn: str, allows: Mapping[str, object]) -> Policy:
    statement = {"Effect": "Allow", "Resource": "*", **allows}
    return Policy.of(arn, {"Version": "2012-10-17", "Statement": statement})
