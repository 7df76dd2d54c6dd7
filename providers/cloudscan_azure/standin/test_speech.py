"""Speech's answers are held to the version that is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan_azure.standin.schemas import NotAllowed
from cloudscan_azure.standin.server import Standin

NEW, OLD = "/speechtotext", "/speechtotext/v3.2"


def named(**more: Any) -> dict[str, Any]:
    return {"displayName": "calls", "locale": "en-US", "status": "Succeeded", **more}


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        (f"{NEW}/transcriptions", named(properties={"timeToLiveHours": 48, "durationMilliseconds": 1})),
        (f"{NEW}/transcriptions", named(properties={"timeToLive": "P2D"})),  # as the reference's own example has it
        (f"{NEW}/transcriptions", named(contentUrls=["https://x.example/a.wav?sig=x"])),
        (f"{OLD}/transcriptions", named(properties={"timeToLive": "P2D"}, project={"self": "https://x.example/p"})),
        (f"{NEW}/endpoints", named(properties={"loggingEnabled": True})),
        (f"{OLD}/endpoints", named(properties={"contentLoggingEnabled": True})),
        (f"{NEW}/datasets", named(kind="Acoustic", contentUrl="https://x.example/a.zip")),
        (f"{NEW}/models", named(customProperties={"team": "voice"})),
        (f"{OLD}/endpoints/e/files/logs", {"name": "a.wav", "kind": "Audio", "properties": {"size": 3}}),
    ],
)
def test_both_shapes_are_taken(azure: Standin, path: str, entry: dict[str, Any]) -> None:
    azure.pages(path, [entry])


@pytest.mark.parametrize(
    ("path", "entry", "said"),
    [
        (f"{OLD}/transcriptions", named(properties={"timeToLiveHours": 48}), "timeToLiveHours"),
        (f"{NEW}/transcriptions", named(properties={"timeToLiveHours": 1}), "minimum"),
        (f"{NEW}/transcriptions", named(properties={"timeToLiveHours": "48"}), "integer"),
        (f"{NEW}/transcriptions", named(properties={"piiRedaction": True}), "piiRedaction"),
        (f"{NEW}/transcriptions", named(project={"self": "https://x.example/p"}), "project"),
        (f"{NEW}/transcriptions", {"displayName": "calls"}, "'locale' is a required"),
        (f"{NEW}/transcriptions", named(status="Done"), "Done"),
        (f"{NEW}/endpoints", named(properties={"contentLoggingEnabled": True}), "contentLoggingEnabled"),
        (f"{OLD}/endpoints", named(properties={"loggingEnabled": True}), "loggingEnabled"),
        (f"{NEW}/datasets", named(kind="Audio"), "Audio"),
        (f"{NEW}/transcriptions/t/files", {"properties": {"duration": "PT1S"}}, "duration"),
    ],
)
def test_what_a_version_does_not_have_is_refused(azure: Standin, path: str, entry: dict[str, Any], said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        azure.pages(path, [entry])


def test_one_is_held_as_the_list_is(azure: Standin) -> None:
    azure.answer(f"{OLD}/transcriptions/t", named(properties={"timeToLive": "P2D"}))
    with pytest.raises(NotAllowed, match="timeToLiveHours"):
        azure.answer(f"{OLD}/transcriptions/t", named(properties={"timeToLiveHours": 48}))
