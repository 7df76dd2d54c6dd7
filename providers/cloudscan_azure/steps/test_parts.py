"""Which uses of rights change the cloud."""

from __future__ import annotations

import pytest

from cloudscan_azure.steps.parts import alters

SPEECH = "Microsoft.CognitiveServices/accounts"
ORDERS = f"{SPEECH}/SpeechServices/speechrest/transcriptions"


@pytest.mark.parametrize("kind", [f"{SPEECH}/listKeys/action", f"{ORDERS}/write+{ORDERS}/read"])
def test_to_have_speech_read_only_uses_the_cloud(kind: str) -> None:
    assert not alters(kind)


@pytest.mark.parametrize(
    "kind",
    [
        f"{SPEECH}/regenerateKey/action",
        f"{SPEECH}/write+{ORDERS}/write",
        "Microsoft.KeyVault/vaults/keys/update/action",
        "Microsoft.Storage/storageAccounts/write",
    ],
)
def test_what_is_written_or_renewed_is_changed(kind: str) -> None:
    assert alters(kind)
