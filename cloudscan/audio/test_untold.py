"""Text and JSON of no known shape: what leaves open whether somebody said it, and what is plainly something else."""

import base64
import json
from typing import Any

import pytest

from cloudscan.audio import Recognition, recognise
from cloudscan.audio.test_transcripts import SAMPLES, schema_of
from cloudscan.model import Evidence, MediaClass

SOUND = base64.b64encode(b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(range(256)) * 8).decode()


def answer(head: bytes, name: str = "data/a", size: int | None = None, tail: bytes | None = None) -> Recognition:
    return recognise(name, content_type=None, size=size or len(head), head=head, tail=tail)


def of_json(document: object, name: str = "data/a.json") -> Recognition:
    return answer(json.dumps(document).encode(), name)


GENESYS = {
    "organizationId": "x",
    "mediaType": "VOICE",
    "transcripts": [{"transcriptId": "1", "phrases": [{"text": "hi", "stability": 1, "participantPurpose": "agent"}]}],
}
TEAMS = {
    "$schema": "x",
    "type": "Transcript",
    "entries": [{"text": "hi", "startOffset": "00:00:01", "speakerDisplayName": "Ana"}],
}
OTTER = {"speech_outline": [], "transcripts": [{"transcript": "hi", "start_offset": 0, "speaker_id": 1}]}
TWILIO = {"sid": "TR1", "transcription_text": "hello", "recording_sid": "RE1", "duration": "3"}
LEX = {"transcriptions": [{"transcription": "hi", "transcriptionConfidence": 0.9}], "inputTranscript": "hi"}
OPEN: list[Any] = [
    GENESYS,
    TEAMS,
    OTTER,
    TWILIO,
    LEX,
    {"text": "hello"},
    {"hypotheses": [{"transcript": "hi", "confidence": 0.9}], "status": 0},
    {"audio_filepath": "/a.wav", "duration": 1.0, "text": "hi"},
    [{"start": 0.0, "end": 1.2, "text": "hi"}],
    {"results": [{"start": 0.5, "end": 1.0, "word": "hi"}]},
    {"conversation": [{"role": "agent", "text": "hi"}]},
    {"messages": [{"role": "user", "content": "hello", "ts": 1.5}]},
    {"transcript": "xy", "jobName": "y"},
    {"event": "ended", "properties": {"note": "she asked us to call her back"}},
    {"call": {"notes": ["she asked us to call her back"]}},
    {"a": "\u8bf7\u4e0d\u8981\u6302\u65ad\u7535\u8bdd\u8c22\u8c22"},
    {"a": "\u043d\u0435 \u043a\u043b\u0430\u0434\u0438 \u043c\u043d\u0435 \u0442\u0440\u0443\u0431\u043a\u0443"},
    ["please hold the line"],
    {"audioContent": SOUND},
    {"mime": "audio/wav", "data": f"data:audio/wav;base64,{SOUND}"},
]


@pytest.mark.parametrize("document", OPEN)
@pytest.mark.parametrize("name", ["data/a.json", "data/a.jsonl", "data/a"])
def test_json_that_may_hold_what_was_said_is_not_settled(document: object, name: str) -> None:
    seen = of_json(document, name)
    assert (seen.media, seen.format, seen.by) == (MediaClass.UNSETTLED, "json", Evidence.NONE)


PACKAGE = {
    "name": "left-pad",
    "version": "1.0.0",
    "description": "Pads a string on its left side, as long as you like",
    "author": "Ada Lovelace of London <ada@example.com>",
    "scripts": {"test": "node --test and then run the linter"},
    "dependencies": {"a": "^1.0.0"},
    "//": "this file is written by a program",
}
OTHER: list[Any] = [
    PACKAGE,
    {"level": "info", "ts": 1.5, "msg": "connection to the server was closed by peer"},
    {"severity": "ERROR", "textPayload": "could not connect to the server", "timestamp": "2026-01-01T00:00:00Z"},
    {"userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)", "status": 200},
    {"errorMessage": "User is not authorized to perform this action", "eventName": "GetObject"},
    {"temperature": [20.5, 21.0], "device": "sensor 4", "unit": "celsius", "start": 0, "end": 9},
    {"type": "FeatureCollection", "features": [{"properties": {"name": "New York City Hall"}}]},
    {"hash": "sha512-" + "A" * 86 + "==", "key": "a" * 512},
    {"compilerOptions": {"target": "es2022", "strict": True, "lib": ["dom", "es2022"]}},
    {"city": "Rio de Janeiro", "person": "Ana Maria Braga Maffeis", "street": "12 High Street"},
    {"transcript_id": "ENST00000456328", "gene": "DDX11L1", "transcripts": ["ENST0001"]},
    {"start": 1, "end": 2, "text": "x"},
]


@pytest.mark.parametrize("document", OTHER)
def test_json_that_is_plainly_something_else_is_other(document: object) -> None:
    seen = of_json(document)
    assert (seen.media, seen.format, seen.by) == (MediaClass.OTHER, "json", Evidence.SIGNATURE)


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_interface_that_describes_its_fields_in_words_is_other(name: str, sample: dict[str, Any]) -> None:
    def worded(schema: object) -> object:
        if isinstance(schema, dict):
            held = {key: worded(value) for key, value in schema.items()}
            return held | {"description": "what somebody said in this part"} if "type" in schema else held
        return schema

    assert of_json({"openapi": "3.1.0", "components": {"schemas": {name: worded(schema_of(sample))}}}).media == "other"


def test_end_of_json_shows_text_that_the_head_does_not() -> None:
    document = {"rates": list(range(3000)), "remarks": "she asked us to call her back"}
    data = json.dumps(document).encode()
    assert answer(data[:4096], "a.json", len(data)).media is MediaClass.OTHER
    assert answer(data[:4096], "a.json", len(data), data[-4096:]).media is MediaClass.UNSETTLED


@pytest.mark.parametrize(
    "text",
    [
        "Agent: Please hold the line.\nCaller: Yes.\n",
        "[00:00:01] Hello.\n[00:00:03] Who is there?\n",
        "00:00:01.500 Speaker 1: Yes.\n",
        "please hold the line i am coming back to you",
        " Thank you.\n",
        "[00:00:01.000 --> 00:00:03.000]  Yes\n",
        "0.000\t2.500\tplease hold the line\n2.500\t9.125\tthank you very much\n",
        "SPEAKER_00: Thank you.\n",
        "1\tAgent\tplease hold the line\n" * 3,
        "\u8bf7\u4e0d\u8981\u6302\u65ad\u7535\u8bdd\u8c22\u8c22\n",
        "<html><body><p>Please hold the line.</p></body></html>",
        f'<audio src="data:audio/wav;base64,{SOUND}">',
        base64.encodebytes(SOUND.encode()).decode(),
    ],
)
def test_text_in_which_words_run_on_is_not_settled(text: str) -> None:
    seen = answer(text.encode())
    assert (seen.media, seen.format, seen.by) == (MediaClass.UNSETTLED, "text", Evidence.NONE)
    assert answer(text.encode(), "data/a.txt").media is MediaClass.UNSETTLED


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01 12:00:00,123 INFO worker-3 took 12 ms for /api/v1/items\n" * 5,
        "Jan  1 12:00:00 host sshd[812]: Failed password for root from 192.0.2.7 port 22 ssh2\n" * 5,
        '192.0.2.1 - - [01/Jan/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8.0"\n' * 5,
        "id,start,end\n1,0.5,1.0\n2,1.0,1.5\n",
        "[server]\nport = 80\nname = web\n",
        "requests>=2.0\nboto3==1.40\n",
        "aardvark\nabacus\nabandon\n" * 9,
        "-----BEGIN CERTIFICATE-----\n"
        + "QUJD" * 16
        + "\n"
        + ("QUJDREVG" * 8 + "\n") * 20
        + "-----END CERTIFICATE-----\n",
        "int main(void) {\n  return 0;\n}\n",
        "d41d8cd98f00b204e9800998ecf8427e  a.wav\n" * 9,
    ],
)
def test_logs_tables_and_settings_are_other(text: str) -> None:
    seen = answer(text.encode())
    assert (seen.media, seen.format, seen.by) == (MediaClass.OTHER, "text", Evidence.SIGNATURE)


@pytest.mark.parametrize("name", ["src/a.py", "docs/index.html", "LICENSE", "a/README.txt", "NOTICE.txt.gz", "a.md"])
def test_name_of_what_comes_with_programs_settles_running_text(name: str) -> None:
    assert answer(b"Permission is hereby granted to any person.\n", name).media is MediaClass.OTHER


PICTURES = [
    f'<img src="data:image/webp;base64,{"UklG" * 400}">',
    f'{{"icon": "iVBORw0KGgo{"A" * 2000}"}}',
    f'{{"certificate": "MIIC{"A" * 2000}"}}',
    f'{{"photo": "\\/9j\\/{"A" * 2000}"}}',
]


@pytest.mark.parametrize("text", PICTURES)
def test_pictures_and_certificates_that_are_written_as_text_are_no_sound(text: str) -> None:
    assert answer(text.encode()).media is MediaClass.OTHER
    assert answer((text + f'<audio src="data:audio/wav;base64,{SOUND}">').encode()).media is MediaClass.UNSETTLED


def test_sound_that_is_written_as_text_is_not_settled_by_the_name_of_a_page() -> None:
    page = f'<html><audio src="data:audio/wav;base64,{SOUND}"></html>'.encode()
    seen = answer(page, "site/index.html")
    assert (seen.media, seen.format, seen.codec, seen.by) == (MediaClass.UNSETTLED, "text", "base64", Evidence.NONE)
    assert answer(page, "site/index.html", len(page) * 2).media is MediaClass.UNSETTLED


@pytest.mark.parametrize("name", ["readmeeting.txt", "securityguard", "a.gsm", "a.wav", "a.mp4"])
def test_no_other_name_settles_it_and_none_makes_it_sound(name: str) -> None:
    assert answer(b"Please hold the line.\n" * 4, name).media is MediaClass.UNSETTLED
