"""What Speech answers, as JSON Schema: two versions whose shapes differ.

From "Speech to text REST API" 2024-11-15 and v3.2. The differences that matter here: how long a job's results are kept
is ``timeToLiveHours`` in hours, or ``timeToLive`` as an ISO 8601 duration, where nothing and zero mean for ever; an
endpoint's logging is told as ``loggingEnabled``, or as ``contentLoggingEnabled``; v3.2 alone lists the logs of an
endpoint, and knows projects. The examples of 2024-11-15 have properties of v3.2 (``timeToLive``, ``duration``) that its
schema does not, and lack the one that it requires, so that both are let pass. ``contentUrls`` and
``contentContainerUrl`` "will not be returned in a response"; what reads jobs must not trust that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudscan_azure.standin.operations import SPEECH_PATH_VERSIONS

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_URL: Schema = {"type": "string", "pattern": "^https?://"}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_DURATION: Schema = {"type": "string", "pattern": "^P"}
_FLAG: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": "integer"}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _links(*names: str) -> Schema:
    return _object(dict.fromkeys(names, _URL))


def _list(each: Schema) -> Schema:
    return {"type": "array", "items": each}


_REFERENCE = _object({"self": _URL}, "self")
_ERROR = _object({"code": _TEXT, "message": _TEXT})
_ENTITY: Schema = {
    "self": _URL,
    "displayName": _TEXT,
    "description": _TEXT,
    "locale": _TEXT,
    "status": {"enum": ["NotStarted", "Running", "Succeeded", "Failed"]},
    "createdDateTime": _TIME,
    "lastActionDateTime": _TIME,
    "customProperties": {"type": "object", "additionalProperties": _TEXT, "maxProperties": 10},
}
_IN_PROJECT: Schema = {"project": _REFERENCE}
_OLD_JOB: Schema = {"timeToLive": _DURATION, "duration": _DURATION, "diarizationEnabled": _FLAG}
_JOB: Schema = {
    "wordLevelTimestampsEnabled": _FLAG,
    "displayFormWordLevelTimestampsEnabled": _FLAG,
    "channels": _list(_NUMBER),
    "destinationContainerUrl": _URL,
    "punctuationMode": {"enum": ["None", "Dictated", "Automatic", "DictatedAndAutomatic"]},
    "profanityFilterMode": {"enum": ["None", "Removed", "Tags", "Masked"]},
    "diarization": {"type": "object"},
    "languageIdentification": {"type": "object"},
    "error": _ERROR,
}
_NEW_JOB: Schema = {
    "timeToLiveHours": {"type": "integer", "minimum": 6, "maximum": 744},
    "durationMilliseconds": _NUMBER,
}
_INPUTS: Schema = {"contentUrls": _list(_URL), "contentContainerUrl": _URL}
_KINDS = [
    "DatasetReport",
    "Audio",
    "LanguageData",
    "PronunciationData",
    "AcousticDataArchive",
    "AcousticDataTranscriptionV2",
    "Transcription",
    "TranscriptionReport",
    "EvaluationDetails",
    "ModelReport",
    "OutputFormattingData",
]
_LINES: Schema = {"acceptedLineCount": _NUMBER, "rejectedLineCount": _NUMBER}
_DATASETS = ["Language", "Acoustic", "Pronunciation", "AudioFiles", "LanguageMarkdown", "OutputFormatting"]


def _transcription(properties: Schema, more: Schema) -> Schema:
    parts = {"links": _links("files"), "properties": _object(properties), "model": _REFERENCE, "dataset": _REFERENCE}
    return _object(_ENTITY | parts | _INPUTS | more, "displayName", "locale")


def _endpoint(properties: Schema, links: Schema, more: Schema) -> Schema:
    parts = {"links": links, "properties": _object(properties | {"error": _ERROR}), "model": _REFERENCE}
    return _object(_ENTITY | parts | more, "displayName", "locale")


def _dataset(properties: Schema, more: Schema) -> Schema:
    parts = {
        "kind": {"enum": _DATASETS},
        "links": _links("files", "commitBlocks", "listBlocks", "uploadBlocks"),
        "properties": _object(
            properties | {"acceptedLineCount": _NUMBER, "rejectedLineCount": _NUMBER, "error": _ERROR}
        ),
        "contentUrl": _URL,
    }
    return _object(_ENTITY | parts | more, "displayName", "kind", "locale")


def _model(links: Schema, more: Schema) -> Schema:
    parts = {
        "links": links,
        "properties": {"type": "object"},
        "baseModel": _REFERENCE,
        "datasets": _list(_REFERENCE),
    }
    return _object(_ENTITY | parts | more, "displayName", "locale")


def _file(duration: Schema) -> Schema:
    parts = {
        "self": _URL,
        "name": _TEXT,
        "kind": {"enum": _KINDS},
        "links": _links("contentUrl"),
        "createdDateTime": _TIME,
        "properties": _object({"size": _NUMBER, **duration}),
    }
    return _object(parts)


_NEW_FILE, _OLD_FILE = _file({"durationMilliseconds": _NUMBER}), _file({"duration": _DURATION})
_EMAIL: Schema = {"email": _TEXT}
_NEW: dict[str, Schema] = {
    "Transcriptions_List": _transcription(_JOB | _NEW_JOB | _OLD_JOB, {}),
    "Transcriptions_ListFiles": _NEW_FILE,
    "Datasets_List": _dataset({"durationMilliseconds": _NUMBER}, {}),
    "Datasets_ListFiles": _NEW_FILE,
    "Models_ListCustomModels": _model(_links("copy", "files", "manifest"), {}),
    "Models_ListFiles": _NEW_FILE,
    "Endpoints_List": _endpoint({"loggingEnabled": _FLAG}, _links("webSocket"), {}),
}
_OLD_LINKS = _links(
    "restInteractive",
    "restConversation",
    "restDictation",
    "webSocketInteractive",
    "webSocketConversation",
    "webSocketDictation",
    "logs",
)
_OLD: dict[str, Schema] = {
    "Transcriptions_List": _transcription(_JOB | _OLD_JOB | _EMAIL, _IN_PROJECT),
    "Transcriptions_ListFiles": _OLD_FILE,
    "Datasets_List": _dataset({"duration": _DURATION} | _EMAIL, _IN_PROJECT),
    "Datasets_ListFiles": _OLD_FILE,
    "Models_ListCustomModels": _model(_links("copyTo", "copy", "files", "manifest"), _IN_PROJECT),
    "Models_ListFiles": _OLD_FILE,
    "Endpoints_List": _endpoint(
        {"contentLoggingEnabled": _FLAG, "timeToLive": _DURATION} | _EMAIL, _OLD_LINKS, {"text": _TEXT} | _IN_PROJECT
    ),
    "Endpoints_ListLogs": _OLD_FILE,
    "Endpoints_ListBaseModelLogs": _OLD_FILE,
    "Projects_List": _object({**_ENTITY, "links": {"type": "object"}, "properties": {"type": "object"}}),
}
_SINGLE = {"Transcriptions_Get": "Transcriptions_List", "Transcriptions_GetFile": "Transcriptions_ListFiles"}
"""Operations that answer one of what others list."""


def _of(version: str, lists: dict[str, Schema]) -> dict[str, Schema]:
    found = lists | {name: lists[listing] for name, listing in _SINGLE.items()}
    return {f"{name}{version}": schema for name, schema in found.items()}


def _every() -> dict[str, Schema]:
    found = _of("", _NEW)
    for version in SPEECH_PATH_VERSIONS:
        found |= _of(f"/{version}", _OLD)
    return found


SCHEMAS: Mapping[str, Schema] = _every()
"""The schema of each operation's answer, or of an entry of it."""
