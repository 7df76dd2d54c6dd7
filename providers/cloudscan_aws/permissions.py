"""The least role that a scan needs, as a CloudFormation template that can be deployed as it is.

Action names are those of the "Service Authorization Reference". All of them read, none of them writes.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan.provider import STORE_FACETS, Facet
from cloudscan_aws.s3 import QUESTIONS

_JOBS = (
    "chime:GetMediaCapturePipeline",
    "chime:GetMediaInsightsPipelineConfiguration",
    "chime:ListMediaCapturePipelines",
    "chime:ListMediaInsightsPipelineConfigurations",
    "chime:ListVoiceProfileDomains",
    "connect:ListInstanceStorageConfigs",
    "connect:ListInstances",
    "ds:DescribeDirectories",  # Amazon Connect's lists ask for it
    "lex:DescribeBotAlias",
    "lex:ListBotAliases",
    "lex:ListBots",
    "polly:ListSpeechSynthesisTasks",
    "transcribe:DescribeLanguageModel",
    "transcribe:GetCallAnalyticsJob",
    "transcribe:GetMedicalScribeJob",
    "transcribe:GetMedicalTranscriptionJob",
    "transcribe:GetTranscriptionJob",
    "transcribe:ListCallAnalyticsJobs",
    "transcribe:ListLanguageModels",
    "transcribe:ListMedicalScribeJobs",
    "transcribe:ListMedicalTranscriptionJobs",
    "transcribe:ListTranscriptionJobs",
    "transcribe:ListVocabularies",
    "transcribe:ListVocabularyFilters",
)
_ACTIONS: Mapping[Facet, tuple[str, ...]] = {
    Facet.ACCOUNTS: ("organizations:ListAccounts",),
    Facet.STORES: ("kinesisvideo:ListStreams",),
    Facet.PUBLIC_ACCESS: ("s3:GetAccountPublicAccessBlock",),
    Facet.ACCESS_POINTS: ("s3:GetAccessPoint", "s3:GetAccessPointPolicy", "s3:ListAccessPoints"),
    # A role knows of no --versions: it may list all that a bucket keeps.
    Facet.OBJECTS: ("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"),
    Facet.UPLOADS: ("s3:ListBucketMultipartUploads",),
    Facet.BACKUPS: ("backup:ListBackupVaults", "backup:ListRecoveryPointsByBackupVault"),
    Facet.JOBS: _JOBS,
    Facet.PRINCIPALS: ("iam:GetAccountAuthorizationDetails",),
    Facet.PASSWORDS: ("iam:GetLoginProfile",),
    Facet.CREDENTIALS: ("iam:GetAccountAuthorizationDetails", "iam:GetAccountSummary", "iam:ListAccessKeys"),
    Facet.WORKLOADS: (
        "apprunner:DescribeService",
        "apprunner:ListServices",
        "cloudformation:DescribeStacks",
        "cloudformation:ListStacks",  # DescribeStacks of no certain stack asks for it
        "codebuild:BatchGetProjects",
        "codebuild:ListProjects",
        "ec2:DescribeInstances",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:ListTasks",
        "glue:GetDevEndpoints",
        "glue:GetJobs",
        "lambda:ListFunctions",
        "sagemaker:DescribeNotebookInstance",
        "sagemaker:ListNotebookInstances",
        "ssm:DescribeInstanceInformation",
    ),
    Facet.FEDERATIONS: (
        "cognito-identity:DescribeIdentityPool",
        "cognito-identity:GetIdentityPoolRoles",
        "cognito-identity:ListIdentityPools",
        "iam:GetOpenIDConnectProvider",
        "iam:ListOpenIDConnectProviders",
        "iam:ListSAMLProviders",
    ),
    Facet.KEYS: (
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListAliases",
        "kms:ListGrants",
        "kms:ListKeys",
    ),
    Facet.ORGANIZATION: (
        "organizations:DescribeOrganization",
        "organizations:DescribePolicy",
        "organizations:ListChildren",
        "organizations:ListParents",
        "organizations:ListPolicies",
        "organizations:ListRoots",
        "organizations:ListTargetsForPolicy",
    ),
    Facet.TRAINING_OPT_OUT: (
        "organizations:DescribeEffectivePolicy",
        "organizations:DescribeOrganization",
    ),
    Facet.LOG_SOURCES: (
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
    ),
}


def actions(facets: frozenset[Facet], *, sniff: bool = False, heads: bool = False) -> tuple[str, ...]:
    """Return the actions that answer these facets.

    Objects may be read only if ``sniff`` or ``heads`` ask it, and their access control lists, tags and locks only with
    ``heads``.
    There is no permission for heads alone: HeadObject needs s3:GetObject ("HeadObject", S3 API reference).
    """
    needed = {"ec2:DescribeRegions"}
    needed.update(*(_ACTIONS.get(facet, ()) for facet in facets))
    needed.update(question.permission for question in QUESTIONS if question.facet in facets)
    if not facets.isdisjoint(STORE_FACETS):
        needed |= {"s3:GetBucketLocation", "s3:ListAllMyBuckets"}
    if sniff or heads:
        needed |= {"s3:GetObject", "s3:GetObjectVersion"}
    if heads and Facet.ACL in facets:
        needed |= {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"}
    if heads and Facet.LIFECYCLE in facets:
        needed |= {"s3:GetObjectTagging", "s3:GetObjectVersionTagging"}
    if heads and Facet.LOCK in facets:
        needed |= {"s3:GetObjectLegalHold", "s3:GetObjectRetention"}
    return tuple(sorted(needed))


def template(facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
    """Return the template of a role that the scanner's account may take on."""
    listed = "\n".join(f"                  - {action}" for action in actions(facets, sniff=sniff, heads=heads))
    return _TEMPLATE.replace("@ACTIONS@", listed).replace("@SNIFF@", _SNIFF if sniff else "")


_SNIFF = """\
# Objects under keys of your own stay closed to --sniff, and are reported as not seen, unless you add kms:Decrypt
# on those keys.
"""
_TEMPLATE = """\
# The least role for cloudscan. Deploy it in every account that is to be scanned, and scan with --role-name:
#   aws cloudformation deploy --stack-name cloudscan --capabilities CAPABILITY_NAMED_IAM \\
#     --template-file FILE --parameter-overrides ScannerAccount=ACCOUNT_ID ExternalId=SECRET_WORD
@SNIFF@AWSTemplateFormatVersion: "2010-09-09"
Description: Read-only role for cloudscan, with the permissions that the selected checks need and no others.
Parameters:
  ScannerAccount:
    Type: String
    AllowedPattern: "[0-9]{12}"
    Description: The account that cloudscan runs in.
  ExternalId:
    Type: String
    Default: ""
    Description: What cloudscan must give as --external-id; needed when a third party scans for you.
  InventoryFiles:
    Type: String
    Default: ""
    Description: For --inventory, where S3 Inventory writes, such as arn:aws:s3:::reports/inventory/*
  RoleName:
    Type: String
    Default: cloudscan
Conditions:
  HasExternalId: !Not [!Equals [!Ref ExternalId, ""]]
  HasInventory: !Not [!Equals [!Ref InventoryFiles, ""]]
Resources:
  Scanner:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub "arn:${AWS::Partition}:iam::${ScannerAccount}:root"
            Action: sts:AssumeRole
            Condition: !If
              - HasExternalId
              - StringEquals:
                  sts:ExternalId: !Ref ExternalId
              - !Ref AWS::NoValue
      Policies:
        - PolicyName: cloudscan
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
@ACTIONS@
                Resource: "*"
              - !If
                - HasInventory
                - Effect: Allow
                  Action: s3:GetObject
                  Resource: !Ref InventoryFiles
                - !Ref AWS::NoValue
              - !If
                - HasInventory
                - Effect: Allow
                  Action: s3:GetInventoryConfiguration
                  Resource: "*"
                - !Ref AWS::NoValue
Outputs:
  RoleArn:
    Value: !GetAtt Scanner.Arn
"""
