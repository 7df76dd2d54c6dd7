"""What a fresh account answers to the operations that moto lacks: empty lists, and not-found errors to gets.

This table is the one place for such defaults. A test holds every row to botocore's model and to moto's lack.
The errors are those that botocore's models list for the operation.
"""

from collections.abc import Mapping

from cloudscan_aws.demo.wire import AwsError, Payload

_NOT_FOUND = AwsError("NotFoundException", "The requested resource could not be found.", status=404)

FRESH: Mapping[tuple[str, str], Payload | AwsError] = {
    ("transcribe", "ListCallAnalyticsCategories"): {"Categories": []},
    ("transcribe", "ListCallAnalyticsJobs"): {"CallAnalyticsJobSummaries": []},
    ("transcribe", "ListLanguageModels"): {"Models": []},
    ("transcribe", "ListMedicalScribeJobs"): {"MedicalScribeJobSummaries": []},
    ("transcribe", "ListVocabularyFilters"): {"VocabularyFilters": []},
    ("transcribe", "DescribeLanguageModel"): _NOT_FOUND,
    ("transcribe", "GetCallAnalyticsCategory"): _NOT_FOUND,
    ("transcribe", "GetCallAnalyticsJob"): _NOT_FOUND,
    ("transcribe", "GetMedicalScribeJob"): _NOT_FOUND,
    ("transcribe", "GetVocabularyFilter"): _NOT_FOUND,
    ("connect", "ListInstanceStorageConfigs"): {"StorageConfigs": []},
    ("connect", "DescribeInstanceStorageConfig"): AwsError(
        "ResourceNotFoundException", "The specified resource was not found.", status=404
    ),
    ("lex-models", "GetBots"): {"bots": []},
    ("lex-models", "GetBotAliases"): {"BotAliases": []},
    ("chime-sdk-media-pipelines", "ListMediaCapturePipelines"): {"MediaCapturePipelines": []},
    ("chime-sdk-media-pipelines", "ListMediaInsightsPipelineConfigurations"): {
        "MediaInsightsPipelineConfigurations": []
    },
    ("chime-sdk-media-pipelines", "ListMediaPipelineKinesisVideoStreamPools"): {"KinesisVideoStreamPools": []},
    ("chime-sdk-media-pipelines", "ListMediaPipelines"): {"MediaPipelines": []},
    ("chime-sdk-media-pipelines", "GetMediaCapturePipeline"): _NOT_FOUND,
    ("chime-sdk-media-pipelines", "GetMediaInsightsPipelineConfiguration"): _NOT_FOUND,
    ("chime-sdk-media-pipelines", "GetMediaPipeline"): _NOT_FOUND,
    ("chime-sdk-voice", "ListVoiceConnectors"): {"VoiceConnectors": []},
    ("chime-sdk-voice", "ListVoiceProfileDomains"): {"VoiceProfileDomains": []},
    ("chime-sdk-voice", "GetVoiceConnectorStreamingConfiguration"): _NOT_FOUND,
    ("polly", "ListSpeechSynthesisTasks"): {"SynthesisTasks": []},
    ("organizations", "DescribeEffectivePolicy"): AwsError(
        "EffectivePolicyNotFoundException", "No effective policy of this type applies to the target."
    ),
    ("organizations", "DescribeResourcePolicy"): AwsError(
        "ResourcePolicyNotFoundException", "The organization has no resource policy."
    ),
    ("ssm", "DescribeInstanceInformation"): {"InstanceInformationList": []},
    ("apprunner", "ListServices"): {"ServiceSummaryList": []},
    ("apprunner", "DescribeService"): AwsError("ResourceNotFoundException", "The specified resource was not found."),
    ("cloudtrail", "ListEventDataStores"): {"EventDataStores": []},
    ("cloudtrail", "LookupEvents"): {"Events": []},
}
