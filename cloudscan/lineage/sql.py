"""The SQL of lineage: which transcript comes from which recording. Plain SQL over the table ``objects``.

What records and metadata claim comes in as lists, since those are few; names are joined where they lie, since those may
be many. Amazon Connect names what belongs to one contact after it ("Recording and analysis file names"). A link
``is_there`` where the recording is, and was written before the transcript: what was written there later may be another.
The best link of a transcript is one that is there, by the best evidence; of several the one whose names are most
``alike``, and of these the one whose recording was written last.

Each statement joins once or groups once, so that it keeps to a small memory however many objects there are.
"""

# ruff: noqa: S608 - our own names

from __future__ import annotations

from cloudscan.audio.names import RECORDING_EXTENSIONS

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TEXT_END = r"([._-]words|[._-]transcript|[._-]transcription)?[.](json|jsonl|vtt|srt|txt|sbv|ttml)$"
GOOGLE_END = "_transcript_[0-9a-f-]{6,36}$"
SOUND_END = f"[.]({'|'.join(RECORDING_EXTENSIONS)})$"

LONGEST_COMMON = 5
"""A name no longer than this (``0001``), without a digit (``recording``) or of a date alone is no evidence across
folders."""
_DATE = "^[0-9]{4}[._-]?[0-9]{2}[._-]?[0-9]{2}$"


def _named(media: str) -> str:
    """Write the tables of objects of these classes with the parts of their names; the last is ``bare``."""
    return f"""
    WITH base AS (
        SELECT store, key, redacted, modified, split_part(key, '/', -1) AS base
        FROM objects WHERE current AND NOT delete_marker AND media IN {media}
    ), bare AS (
        SELECT store, key, redacted, modified, base, left(key, length(key) - length(base)) AS folder,
            base LIKE 'redacted-%' AS veiled,
            CASE WHEN base LIKE 'redacted-%' THEN substr(base, 10) ELSE base END AS plain,
            CASE WHEN substr(base, 37, 1) = '_' THEN regexp_matches(base, '^{_UUID}_') ELSE false END AS contact
        FROM base
    )"""


_HEARD = f"""
    {_named("('speech', 'video')")}, heard AS (
        SELECT store, key, modified, folder, contact, veiled,
            veiled OR base LIKE '%!_redacted!_%' ESCAPE '!' AS masked,
            CASE WHEN contact THEN left(base, 36)
            WHEN plain LIKE '_%.%' THEN left(plain, length(plain) - length(split_part(plain, '.', -1)) - 1)
            ELSE plain END AS stem
        FROM bare
    )"""
NAMED = {
    "worded": f"""
    {_HEARD}
    SELECT DISTINCT store, folder, stem FROM heard
    WHERE NOT contact AND (stem LIKE '%words' OR stem LIKE '%transcript' OR stem LIKE '%transcription')
    """,
    "texts": f"""
    {_named("('transcript')")}, written AS (
        SELECT *, left(plain, length(plain) - length(split_part(plain, '.', -1)) - 1) AS whole,
            regexp_replace(plain, '{TEXT_END}', '') AS after
        FROM bare
    )
    SELECT written.store, key, redacted, modified, base, written.folder, after, contact, veiled,
        CASE WHEN contact THEN left(base, 36) WHEN worded.stem IS NOT NULL THEN whole
        ELSE regexp_replace(regexp_replace(after, '{SOUND_END}', ''), '{GOOGLE_END}', '') END AS stem
    FROM written LEFT JOIN worded
        ON written.store = worded.store AND written.folder = worded.folder AND written.whole = worded.stem
    """,
    "sounds": f"{_HEARD} SELECT * FROM heard WHERE stem IN (SELECT stem FROM texts)",
}
"""Tables to keep, in this order: names of recordings that end in a word which is added to those of transcripts, of
which there are few; the transcripts by their names; and the recordings whose name a transcript has."""

_CLAIMS = """
    told AS (
        SELECT unnest(?::VARCHAR[]) AS transcript, unnest(?::VARCHAR[]) AS audio, unnest(?::VARCHAR[]) AS audio_store,
            unnest(?::BOOLEAN[]) AS seen, unnest(?::VARCHAR[]) AS job, unnest(?::TIMESTAMP[]) AS began,
            unnest(?::TIMESTAMP[]) AS ended, unnest(?::INTEGER[]) AS evidence
    ), called AS (
        SELECT unnest(?::VARCHAR[]) AS name, unnest(?::VARCHAR[]) AS audio, unnest(?::VARCHAR[]) AS audio_store,
            unnest(?::BOOLEAN[]) AS seen, unnest(?::VARCHAR[]) AS job, unnest(?::TIMESTAMP[]) AS began,
            unnest(?::TIMESTAMP[]) AS ended
    ), whole AS (SELECT unnest(?::VARCHAR[]) AS store)
"""
_CLAIMED = """
    named AS (
        SELECT texts.store, texts.key, texts.redacted, texts.modified AS written, told.audio, told.audio_store,
            told.seen, told.job, told.began, told.ended, told.evidence
        FROM texts JOIN told ON texts.store || '/' || texts.key = told.transcript
        UNION ALL
        SELECT texts.store, texts.key, texts.redacted, texts.modified, called.audio, called.audio_store, called.seen,
            called.job, called.began, called.ended, 4
        FROM texts JOIN called ON texts.stem = called.name
    ), weighed AS (
        SELECT *, max(coalesce(ended, began)) OVER (PARTITION BY store, key, evidence) AS last_one,
            max(CASE WHEN evidence IN (2, 3) AND audio_store IS NOT NULL THEN 1 ELSE 0 END)
                OVER (PARTITION BY store, key) AS says,
            max(CASE WHEN evidence IN (2, 3) THEN 1 ELSE 0 END) OVER (PARTITION BY store, key, audio) AS agrees
        FROM named WHERE coalesce(written >= began, true)
    ), claimed AS (
        SELECT * FROM weighed
        WHERE (evidence <> 1 OR coalesce(coalesce(ended, began) = last_one, true))
            AND (evidence NOT IN (1, 4) OR says = 0 OR agrees = 1)
    )
"""
"""What is claimed of transcripts that are there. No job wrote what was written before it began; of jobs that wrote to
one place the last one counts; and no record of a job does that says otherwise than the transcript itself."""
_TIE = """texts.store, texts.key, texts.redacted, sounds.store || '/' || sounds.key AS audio,
            sounds.store AS audio_store, NULL::VARCHAR AS job,
            NOT coalesce(sounds.modified > texts.modified, false) AS is_there, false AS is_gone,
            sounds.modified, true AS sound, sounds.masked,
            CASE WHEN sounds.key = texts.folder || texts.after THEN 2 WHEN sounds.veiled = texts.veiled THEN 1 ELSE 0
            END AS alike"""
BY_CLAIMS = {
    "claimed_links": f"""
    WITH {_CLAIMS.strip()}, {_CLAIMED.strip()}, there AS (
        SELECT store, key, store || '/' || key AS place, modified, media IN ('speech', 'video') AS sound,
            key LIKE '%redacted-%' OR key LIKE '%!_redacted!_%' ESCAPE '!' AS masked
        FROM objects WHERE current AND NOT delete_marker
            AND store || '/' || key IN (SELECT audio FROM told UNION SELECT audio FROM called)
    )
        SELECT claimed.store, claimed.key, claimed.redacted, claimed.audio, claimed.audio_store, claimed.job,
            there.place IS NOT NULL AND NOT coalesce(there.modified > claimed.ended, false)
                AND NOT coalesce(there.modified > claimed.written, false) AS is_there,
            claimed.seen AND there.place IS NULL AS is_gone, there.modified, coalesce(there.sound, false) AS sound,
            coalesce(there.masked, false) AS masked, 2 AS alike, claimed.evidence
        FROM claimed LEFT JOIN there ON claimed.audio = there.place
    """,
    "lost_links": f"""
    WITH {_CLAIMS.strip()}
        SELECT texts.store, texts.key, texts.redacted, texts.store || '/' || texts.folder || texts.after AS audio,
            texts.store AS audio_store, NULL::VARCHAR AS job, false AS is_there, true AS is_gone,
            NULL::TIMESTAMP AS modified, false AS sound, false AS masked, 2 AS alike, 7 AS evidence
        FROM texts JOIN whole ON texts.store = whole.store
        LEFT JOIN objects ON texts.store = objects.store AND texts.folder || texts.after = objects.key
            AND objects.current AND NOT objects.delete_marker
        WHERE regexp_matches(texts.after, '{SOUND_END}') AND objects.key IS NULL
    """,
}
"""What records, metadata and names of recordings that are gone link, by the table to keep it in; takes the claims."""
BY_NAMES = {
    "links_beside": f"""
        SELECT {_TIE}, 5 AS evidence
        FROM sounds JOIN texts ON texts.store = sounds.store AND texts.folder = sounds.folder
            AND texts.stem = sounds.stem
    """,
    "links_of_contacts": f"""
        SELECT {_TIE}, 5 AS evidence
        FROM sounds JOIN texts ON texts.stem = sounds.stem AND texts.contact AND sounds.contact
    """,
    "links_elsewhere": f"""
    WITH alone AS (
        SELECT stem FROM sounds
        WHERE NOT contact AND length(stem) > {LONGEST_COMMON} AND regexp_matches(stem, '[0-9]')
            AND NOT (length(stem) <= 10 AND regexp_matches(stem, '{_DATE}'))
        GROUP BY stem HAVING count(*) = 1
    )
        SELECT {_TIE}, 6 AS evidence
        FROM sounds JOIN alone ON sounds.stem = alone.stem JOIN texts ON texts.stem = sounds.stem
    """,
}
"""What names link, by the table to keep it in. All in one statement would take too much memory."""
_ALL = f"WITH links AS ({' UNION ALL '.join(f'SELECT * FROM {name}' for name in (*BY_CLAIMS, *BY_NAMES))})"

_RANK = "alike DESC, modified DESC NULLS LAST, audio, job"
"""The order of links of one evidence."""

LINKS = f"""
    {_ALL}, ranked AS (
        SELECT store || '/' || key AS transcript, audio, job, evidence, is_there, is_gone,
            row_number() OVER (PARTITION BY store, key ORDER BY is_there DESC, evidence, is_gone, {_RANK}) AS place
        FROM links
    )
    SELECT transcript, audio, job, evidence, is_there, is_gone FROM ranked WHERE place = 1 ORDER BY transcript
"""

_CODE = "CASE WHEN is_there THEN 0 ELSE 100 END + evidence * 10 + CASE WHEN is_gone THEN 1 ELSE 0 END"
TEXTS = f"""
    {_ALL}, best AS (SELECT store, key, min({_CODE}) AS code FROM links GROUP BY store, key)
    SELECT store, code, count(*), min(key) FROM best GROUP BY store, code ORDER BY store, code
"""
"""Transcripts that have a link by store, and by one number, which is small for the best link: 100 if the recording is
not there, ten times the evidence, 1 if it is gone.

A number, since the engine keeps the least of texts in memory for every group, and the least of numbers only if it can.
"""

FLOWS = f"""
    {_ALL}, moved AS (
        SELECT audio_store, store, key, max(CASE WHEN evidence < 4 THEN 1 ELSE 0 END) AS sure
        FROM links WHERE is_there AND sound GROUP BY audio_store, store, key
    )
    SELECT audio_store, store, count(*), sum(sure)::BIGINT FROM moved GROUP BY audio_store, store
    ORDER BY audio_store, store
"""
"""From which store to which transcripts went: how many, and by more than names."""

LOST = f"""
    {_ALL}, coded AS (SELECT audio_store, store, key, {_CODE} AS code FROM links), best AS (
        SELECT store, key, min(code) AS code FROM coded GROUP BY store, key
    ), lost AS (
        SELECT DISTINCT coded.audio_store, coded.store, coded.key, coded.code
        FROM best JOIN coded ON best.store = coded.store AND best.key = coded.key AND best.code = coded.code
        WHERE best.code >= 100 AND best.code % 10 = 1
    )
    SELECT audio_store, store, count(*), sum(CASE WHEN code < 140 THEN 1 ELSE 0 END)::BIGINT, min(key) FROM lost
    GROUP BY audio_store, store ORDER BY audio_store, store
"""
"""From which store to which transcripts went whose recordings are gone: how many, by more than names, a key of one."""

TIED = f"""
    {_ALL}, ranked AS (
        SELECT audio_store, store, key, audio,
            row_number() OVER (PARTITION BY audio_store, store, key ORDER BY evidence, {_RANK}) AS place
        FROM links WHERE is_there AND sound
    )
    SELECT audio_store AS source, store AS target, substr(audio, length(audio_store) + 2) AS one, key AS other
    FROM ranked WHERE place = 1 ORDER BY source, target
"""
"""To keep as ``ties``: of the transcripts of each flow, the key of the recording, which is there, by the best evidence,
and their own. Those of one flow lie together, so that it is read alone."""

TIES = "SELECT one, other FROM ties WHERE source = ? AND target = ?"
"""The ties of one flow; takes its two stores."""

RECORDING = """
    SELECT min(audio) FROM claimed_links WHERE store = ? AND key = ? AND evidence = ? AND is_gone
"""
"""Where the recording of a transcript lay, by a record or its own word; takes the transcript and the evidence."""

_ASKED = """asked AS (
        SELECT audio, max(read_until) AS read_until FROM (
            SELECT unnest(?::VARCHAR[]) AS audio, unnest(?::TIMESTAMP[]) AS read_until
        ) AS jobs GROUP BY audio
    )"""
"""What jobs read, and until when the last of them did."""
_SENT = "asked.audio IS NOT NULL AND coalesce(modified <= read_until, true)"

HEARD = f"""
    {_ALL}, {_ASKED},
    since AS (SELECT unnest(?::VARCHAR[]) AS store, unnest(?::TIMESTAMP[]) AS listed_since),
    heard AS (
        SELECT audio_store, audio, max(modified) AS modified, max(CASE WHEN is_there THEN 1 ELSE 0 END) AS own,
            max(CASE WHEN is_there AND evidence < 6 AND NOT masked THEN 1 ELSE 0 END) AS spoken,
            max(CASE WHEN is_there AND evidence < 6 AND NOT masked AND redacted THEN 1 ELSE 0 END) AS hidden,
            max(CASE WHEN is_there AND evidence < 4 AND NOT masked AND redacted THEN 1 ELSE 0 END) AS sure,
            max(CASE WHEN is_there AND evidence < 6 AND NOT masked AND redacted IS NULL THEN 1 ELSE 0 END) AS untold
        FROM links WHERE sound GROUP BY audio_store, audio
    )
    SELECT audio_store, sum(own)::BIGINT, count(CASE WHEN modified >= listed_since THEN 1 END),
        count(CASE WHEN own = 1 AND {_SENT} THEN 1 END),
        count(CASE WHEN modified >= listed_since AND asked.audio IS NOT NULL THEN 1 END),
        sum(spoken)::BIGINT, sum(hidden)::BIGINT, sum(sure)::BIGINT,
        sum(CASE WHEN hidden = 0 THEN untold ELSE 0 END)::BIGINT, min(CASE WHEN hidden = 1 THEN heard.audio END)
    FROM heard LEFT JOIN asked ON heard.audio = asked.audio LEFT JOIN since ON heard.audio_store = since.store
    GROUP BY audio_store ORDER BY audio_store
"""
"""By store of the recording: how many have a transcript; how many of lately have one, or one that may be of an earlier
recording in their place; how many have one and were given to a job; how many of those of lately were, or one before
them; and of those kept as spoken, by more than a name elsewhere: how many, with a redacted transcript, surely, perhaps;
an example."""

COUNTS = f"""
    WITH {_ASKED},
    since AS (SELECT unnest(?::VARCHAR[]) AS store, unnest(?::TIMESTAMP[]) AS listed_since)
    SELECT objects.store, count(CASE WHEN media = 'transcript' THEN 1 END),
        count(CASE WHEN media <> 'transcript' THEN 1 END),
        count(CASE WHEN media <> 'transcript' AND modified >= listed_since THEN 1 END),
        count(CASE WHEN media <> 'transcript' AND {_SENT} THEN 1 END),
        count(CASE WHEN media <> 'transcript' AND modified >= listed_since THEN asked.audio END)
    FROM objects LEFT JOIN asked ON objects.store || '/' || objects.key = asked.audio
    LEFT JOIN since ON objects.store = since.store
    WHERE current AND NOT delete_marker AND media IN ('speech', 'transcript', 'video')
    GROUP BY objects.store ORDER BY objects.store
"""
"""By store: transcripts; recordings; those of lately; those given to a job; those of lately that were, or one before
them in their place."""

PAIRS = f"""
    WITH {_CLAIMS.strip()}, {_CLAIMED.strip()},
    kept AS (SELECT DISTINCT unnest(?::VARCHAR[]) AS job),
    redacted AS (SELECT * FROM texts WHERE redacted),
    unredacted AS (SELECT DISTINCT store, key FROM claimed JOIN kept ON claimed.job = kept.job),
    raw AS (
        SELECT texts.*, NOT coalesce(texts.redacted, true) OR unredacted.key IS NOT NULL AS surely FROM texts
        LEFT JOIN unredacted ON texts.store = unredacted.store AND texts.key = unredacted.key
        WHERE texts.redacted IS NULL OR NOT texts.redacted
    ), pairs AS (
        SELECT raw.store, redacted.store || '/' || redacted.key AS one, raw.key AS other,
            CASE WHEN surely THEN 2 WHEN redacted.base = 'redacted-' || raw.base THEN 1 ELSE 0 END AS sure
        FROM raw JOIN redacted ON redacted.store = raw.store AND redacted.folder = raw.folder
            AND redacted.stem = raw.stem
        UNION
        SELECT raw.store, redacted.store || '/' || redacted.key, raw.key,
            CASE WHEN surely THEN 2 WHEN raw.base LIKE '%!_analysis!_%' ESCAPE '!' THEN 1 ELSE 0 END
        FROM raw JOIN redacted ON redacted.stem = raw.stem AND redacted.contact AND raw.contact
        UNION
        SELECT raw.store, first.store || '/' || first.key, raw.key, CASE WHEN surely THEN 2 ELSE 0 END
        FROM claimed AS first JOIN claimed AS second ON first.audio = second.audio AND first.redacted
        JOIN raw ON raw.store = second.store AND raw.key = second.key
    ), surest AS (SELECT store, one, max(sure) AS sure, min(other) AS other FROM pairs GROUP BY store, one)
    SELECT store, count(*), count(CASE WHEN sure = 2 THEN 1 END), count(CASE WHEN sure = 1 THEN 1 END), min(other)
    FROM surest GROUP BY store ORDER BY store
"""
"""By store of the raw one: redacted transcripts beside one that is raw: all, surely so, so by its name alone."""
