"""What policies of AWS's own allow, as far as they can lead to recordings: those that somebody may attach anywhere.

From the "AWS Managed Policy Reference Guide", read in August 2026. Each is cut down to what the questions of this
package ask about; a policy of AWS that is not named here leads to no object of an arbitrary bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.access.patterns import glob, matches
from cloudscan_aws.policy.documents import Policy

ADMINISTRATOR = "AdministratorAccess"
_Statement = Mapping[str, object]
_READS: _Statement = {"Action": ["s3:Get*", "s3:List*"]}


def _passes(service: str, roles: str = "*") -> _Statement:
    condition = {"StringLike": {"iam:PassedToService": service}}
    return {"Action": "iam:PassRole", "Resource": roles, "Condition": condition}


_ALLOWS: Mapping[str, _Statement] = {
    ADMINISTRATOR: {"Action": "*"},
    "IAMFullAccess": {"Action": ["iam:*"]},
    "PowerUserAccess": {"NotAction": ["iam:*", "organizations:*", "account:*"]},
    "AmazonS3FullAccess": {"Action": ["s3:*"]},
    "ReadOnlyAccess": _READS,
    "AmazonS3ReadOnlyAccess": _READS,
}
"""The usual ones, the widest first: whoever may attach any policy attaches one of these."""
_BY_STEPS: Mapping[str, Sequence[_Statement]] = {
    "AmazonTranscribeFullAccess": (
        {"Action": "transcribe:*"},
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*transcribe*"},
    ),
    "AWSLambda_FullAccess": ({"Action": "lambda:*"}, _passes("lambda.amazonaws.com")),
    "AmazonECS_FullAccess": (
        {"Action": ["ecs:*", "cloudformation:CreateStack", "cloudformation:UpdateStack"]},
        _passes("ecs-tasks.amazonaws.com"),
    ),
    "AWSGlueConsoleFullAccess": (
        {"Action": "glue:*"},
        _passes("glue.amazonaws.com", "arn:aws:iam::*:role/AWSGlueServiceRole*"),
        _passes("glue.amazonaws.com", "arn:aws:iam::*:role/service-role/AWSGlueServiceRole*"),
    ),
    "AmazonSSMFullAccess": ({"Action": "ssm:*"},),
    "AmazonEC2FullAccess": ({"Action": "ec2:*"},),
    "EC2InstanceConnect": ({"Action": "ec2-instance-connect:SendSSHPublicKey"},),
    "AWSCodeBuildAdminAccess": ({"Action": "codebuild:*"},),
    "AWSCodeBuildDeveloperAccess": ({"Action": ["codebuild:StartBuild", "codebuild:StartBuildBatch"]},),
    "AWSCloudFormationFullAccess": ({"Action": "cloudformation:*"},),
    "AWSAppRunnerFullAccess": ({"Action": "apprunner:*"}, _passes("apprunner.amazonaws.com")),
}
"""Those by which one passes roles to compute, or steers compute: what they open hangs on what runs there."""

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
_LEAD_ON = """
AIOpsConsoleAdminPolicy AWSAppSyncAdministrator AWSApplicationMigrationEC2Access AWSApplicationMigrationFullAccess
AWSApplicationMigrationNetworkMigrationMultiAccount AWSApplicationMigrationSSMAccess
AWSBackupAccessPointOperatorAccess AWSBackupFullAccess AWSBackupOperatorAccess
service-role/AWSBackupServiceRolePolicyForBackup service-role/AWSBackupServiceRolePolicyForRestores
AWSBackupServiceRolePolicyForScans service-role/AWSBatchServiceRole AWSBudgetsActionsWithAWSResourceControlAccess
AWSCloud9Administrator AWSCloud9EnvironmentMember AWSCloud9User AWSCodePipelineFullAccess AWSCodePipeline_FullAccess
service-role/AWSCodeStarServiceRole AWSConnector service-role/AWSControlTowerServiceRolePolicy
service-role/AWSDataLifecycleManagerSSMFullAccess AWSDataSyncFullAccess service-role/AWSDeepLensServiceRolePolicy
AWSDeepRacerCloudFormationAccessPolicy AWSDeepRacerFullAccess AWSEC2VssRestorePolicy
AWSElasticBeanstalkCustomPlatformforEC2Role AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy
service-role/AWSElasticBeanstalkRoleCore AWSElasticDisasterRecoveryConsoleFullAccess
AWSElasticDisasterRecoveryConsoleFullAccess_v2 AWSElasticDisasterRecoveryLaunchActionsPolicy
AWSElementalMediaConnectCreateFlow AWSElementalMediaConvertFullAccess service-role/AWSFaultInjectionSimulatorEC2Access
service-role/AWSFaultInjectionSimulatorECSAccess service-role/AWSFaultInjectionSimulatorSSMAccess
AWSForWordPressPluginPolicy AWSGlueConsoleSageMakerNotebookFullAccess service-role/AWSGlueServiceNotebookRole
service-role/AWSGlueServiceRole AWSGrafanaAccountAdministrator AWSHealthImagingFullAccess
service-role/AWSIoTDeviceDefenderEnableIoTLoggingMitigationAction AWSManagedAccountManagementAccess
AWSManagedSettingsAdminAccess AWSMarketplaceFullAccess AWSMarketplaceSellerFullAccess
AWSMarketplaceSellerProductsFullAccess service-role/AWSMigrationHubRefactorSpaces-SSMAutomationPolicy
AWSNetworkFirewallFullAccess AWSPartnerCentralFullAccess AWSPartnerCentralSandboxFullAccess AWSProtonFullAccess
AWSQuickSetupDistributorPermissionsBoundary AWSQuickSetupManagedInstanceProfileExecutionPolicy
AWSQuickSetupPatchPolicyPermissionsBoundary AWSQuickSetupSSMHostMgmtPermissionsBoundary
AWSRefactoringToolkitFullAccess AWSResilienceHubResilienceTestingPolicy AWSRoboMakerServiceRolePolicy
AWSRolesAnywhereFullAccess AWSServiceCatalogAdminFullAccess AWSServiceCatalogAppRegistryFullAccess
AWSSystemsManagerJustInTimeAccessTokenPolicy AWSThinkboxAWSPortalAdminPolicy AWSTransferConsoleFullAccess
AWSTransferFullAccess service-role/AWSTransformApplicationDeploymentPolicy AWSTransformInfrastructureExecutorAccessEC2
AWSTransformServerMigrationAgentPolicy AdministratorAccess-AWSElasticBeanstalk AgentRegistryFullAccess
AmazonAugmentedAIFullAccess AmazonAugmentedAIIntegratedAPIAccess AmazonAuroraDSQLConsoleFullAccess
AmazonAuroraDSQLFullAccess AmazonBioDiscoveryFullAccess AmazonCodeCatalystFullAccess AmazonDynamoDBFullAccess
service-role/AmazonEC2ContainerServiceEventsRole AmazonEC2RolePolicyForLaunchWizard
service-role/AmazonEC2SpotFleetTaggingRole AmazonEKSClusterPolicy AmazonEKSComputePolicy
service-role/AmazonEMRServicePolicy_v2 AmazonESCognitoAccess AmazonElasticFileSystemFullAccess
AmazonElasticTranscoder_FullAccess AmazonEventBridgeFullAccess AmazonEventBridgePipesFullAccess
AmazonEventBridgeSchedulerFullAccess AmazonForecastFullAccess AmazonFraudDetectorFullAccessPolicy
AmazonGuardDutyFullAccess_v2 AmazonHealthLakeFullAccess AmazonInspectorFullAccess AmazonKendraFullAccess
AmazonLaunchWizardFullAccessV2 AmazonLookoutEquipmentFullAccess AmazonMSKFullAccess AmazonOmicsFullAccess
AmazonOpenSearchServiceCognitoAccess service-role/AmazonPersonalizeFullAccess AmazonQFullAccess
AmazonQLDBConsoleFullAccess AmazonQLDBFullAccess AmazonS3FilesFullAccess AmazonS3TablesFullAccess
service-role/AmazonSSMAutomationRole service-role/AmazonSSMMaintenanceWindowRole AmazonSageMakerCanvasAIServicesAccess
AmazonSageMakerCanvasFullAccess service-role/AmazonSageMakerGeospatialFullAccess
AmazonSageMakerModelRegistryFullAccess AmazonSageMakerPipelinesIntegrations
service-role/AmazonSageMakerServiceCatalogProductsCloudformationServiceRolePolicy
AmazonSageMakerServiceCatalogProductsCodeBuildServiceRolePolicy
service-role/AmazonSageMakerServiceCatalogProductsLambdaServiceRolePolicy AmazonSageMakerSpacesControllerPolicy
AwsGlueDataBrewFullAccessPolicy service-role/AwsGlueSessionUserRestrictedNotebookServiceRole
service-role/AwsGlueSessionUserRestrictedServiceRole CloudWatchEventsFullAccess CloudWatchFullAccessV2
CloudWatchOpenSearchDashboardsFullAccess EC2FastLaunchFullAccess EC2ImageBuilderExecutionPolicy
NeptuneConsoleFullAccess NeptuneFullAccess SageMakerStudioAdminIAMDefaultExecutionPolicy
service-role/SageMakerStudioEMRInstanceRolePolicy SageMakerStudioProjectUserRolePermissionsBoundary
SageMakerStudioProjectUserRolePolicy SageMakerStudioUserIAMDefaultExecutionPolicy
service-role/ServerMigrationServiceLaunchRole WellArchitectedConsoleFullAccess
"""
_EVERY, _SOME, _ON = (frozenset(names.split()) for names in (_READ_EVERY_BUCKET, _READ_SOME_BUCKETS, _LEAD_ON))
"""Some read objects by their tags, or buckets by their names: whether one of them gives a recording is open. Others
pass roles to services, rewrite documents or steer compute beyond what is told apart here: whether they lead to one is.
"""


def policies_of_aws(partition: str) -> dict[str, Policy]:
    """Return the usual ones by ARN, the widest first."""
    return {arn: _policy(arn, [allows]) for name, allows in _ALLOWS.items() for arn in [_arn(partition, name)]}


def policies_of_aws_like(partition: str, wanted: str) -> Iterator[tuple[str, Policy, str]]:
    """Yield the others whose ARN fits a pattern, by ARN, each with what of it is open, "" for nothing.

    What is open is told of a policy as if it gave everything that it may.
    """
    names = {name: arn for name in (*_BY_STEPS, *_EVERY, *_SOME, *_ON) for arn in [_arn(partition, name)]}
    for name, arn in sorted(names.items()):
        if matches(glob(wanted), arn):
            if name in _BY_STEPS:
                yield arn, _policy(arn, _BY_STEPS[name]), ""
            elif name in _EVERY | _SOME:
                yield arn, _policy(arn, [_READS]), "" if name in _EVERY else f"which buckets {arn} opens"
            else:
                yield arn, _policy(arn, [{"Action": "*"}]), f"what {arn} leads to"


def _arn(partition: str, name: str) -> str:
    return f"arn:{partition}:iam::aws:policy/{name}"


def _policy(arn: str, allows: Sequence[_Statement]) -> Policy:
    statements = [{"Effect": "Allow", "Resource": "*", **each} for each in allows]
    return Policy.of(arn, {"Version": "2012-10-17", "Statement": statements})
