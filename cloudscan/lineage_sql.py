"""The SQL of lineage: which transcript comes from which recording. Plain SQL over the table ``objects``.

What records and metadata claim comes in as lists, since those are few; names are joined where they lie, since those may
be many. Amazon Connect names what belongs to one contact after it ("Recording and analysis file names"). A link
``is_there`` where the recording is; the best link of a transcript is one that is, by the best evidence.
"""

from __future__ import annotations

from cloudscan.audio.names import RECORDING_EXTENSIONS

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TEXT_END = r"([._-]words|[._-]transcript|[._-]transcription)?[.](json|jsonl|vtt|srt|txt|sbv|ttml)$"
_GOOGLE_END = "_transcript_[0-9a-f-]{6,36}$"
_SOUND_END = f"[.]({'|'.join(RECORDING_EXTENSIONS)})$"

LONGEST_COMMON = 5
"""A name no longer than this (``0001``) is no evidence across folders."""

_NAMED = f"""
    told AS (
        SELECT unnest(?::VARCHAR[]) AS transcript, unnest(?::VARCHAR[]) AS audio, unnest(?::BOOLEAN[]) AS seen,
            unnest(?::VARCHAR[]) AS job, unnest(?::INTEGER[]) AS evidence
    ), called AS (
        SELECT unnest(?::VARCHAR[]) AS name, unnest(?::VARCHAR[]) AS audio, unnest(?::BOOLEAN[]) AS seen,
            unnest(?::VARCHAR[]) AS job
    ), whole AS (SELECT unnest(?::VARCHAR[]) AS store
    ), based AS (
        SELECT store, key, store || '/' || key AS place, media, redacted, modified,
            split_part(key, '/', -1) AS base
        FROM objects WHERE current AND NOT delete_marker AND media IN ('speech', 'transcript', 'video')
    ), bare AS (
        SELECT *, left(key, length(key) - length(base)) AS folder,
            CASE WHEN base LIKE 'redacted-%' THEN substr(base, 10) ELSE base END AS plain,
            CASE WHEN substr(base, 37, 1) = '_' THEN regexp_matches(base, '^{_UUID}_') ELSE false END AS contact
        FROM based
    ), texts AS (
        SELECT *, CASE WHEN contact THEN left(base, 36)
            ELSE regexp_replace(regexp_replace(regexp_replace(plain, '{_TEXT_END}', ''), '{_SOUND_END}', ''),
                '{_GOOGLE_END}', '') END AS stem
        FROM bare WHERE media = 'transcript'
    ), sounds AS (
        SELECT *, CASE WHEN contact THEN left(base, 36)
            WHEN plain LIKE '_%.%' THEN left(plain, length(plain) - length(split_part(plain, '.', -1)) - 1)
            ELSE plain END AS stem
        FROM bare WHERE media <> 'transcript'
    ), alone AS (
        SELECT stem, min(place) AS place, min(folder) AS folder FROM sounds
        WHERE NOT contact AND length(stem) > {LONGEST_COMMON} AND stem IN (SELECT stem FROM texts)
        GROUP BY stem HAVING count(*) = 1
    ), there AS (
        SELECT DISTINCT store || '/' || key AS place FROM objects WHERE current AND NOT delete_marker
            AND store || '/' || key IN (SELECT audio FROM told UNION SELECT audio FROM called)
    )
"""  # noqa: S608 - our own names

_LINKS = f"""
    claimed AS (
        SELECT texts.place AS transcript, told.audio, told.job, told.evidence, told.seen
        FROM texts JOIN told ON texts.place = told.transcript
        UNION ALL
        SELECT texts.place, called.audio, called.job, 4, called.seen FROM texts JOIN called ON texts.stem = called.name
    ), links AS (
        SELECT claimed.transcript, claimed.audio, claimed.job, claimed.evidence, there.place IS NOT NULL AS is_there,
            claimed.seen AND there.place IS NULL AS is_gone
        FROM claimed LEFT JOIN there ON claimed.audio = there.place
        UNION ALL
        SELECT texts.place, sounds.place, NULL, 5, true, false FROM texts
        JOIN sounds ON texts.store = sounds.store AND texts.folder = sounds.folder AND texts.stem = sounds.stem
        UNION ALL
        SELECT texts.place, sounds.place, NULL, 5, true, false FROM texts
        JOIN sounds ON texts.stem = sounds.stem AND texts.contact AND sounds.contact
        UNION ALL
        SELECT texts.place, alone.place, NULL, 6, true, false FROM texts JOIN alone ON texts.stem = alone.stem
        UNION ALL
        SELECT after.place, after.store || '/' || after.audio_key, NULL, 7, false, true FROM (
            SELECT place, store, folder || regexp_replace(plain, '{_TEXT_END}', '') AS audio_key FROM texts
            WHERE regexp_matches(regexp_replace(plain, '{_TEXT_END}', ''), '{_SOUND_END}')
        ) AS after JOIN whole ON after.store = whole.store
        LEFT JOIN objects ON after.store = objects.store AND after.audio_key = objects.key
            AND objects.current AND NOT objects.delete_marker
        WHERE objects.key IS NULL
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY transcript ORDER BY is_there DESC, evidence, audio, job) AS place_of
        FROM links
    ), best AS (SELECT transcript, audio, job, evidence, is_there, is_gone FROM ranked WHERE place_of = 1)
"""  # noqa: S608 - our own names

_ALL = f"WITH {_NAMED.strip()}, {_LINKS.strip()}"

LINKS = f"""
    {_ALL}
    SELECT best.transcript, best.audio, best.job, best.evidence, best.is_there, best.is_gone FROM best
    ORDER BY best.transcript
"""  # noqa: S608 - our own names

OVERVIEW = f"""
    {_ALL}, heard AS (SELECT DISTINCT audio FROM links WHERE is_there),
    asked AS (SELECT DISTINCT unnest(?::VARCHAR[]) AS audio),
    since AS (SELECT unnest(?::VARCHAR[]) AS store, unnest(?::TIMESTAMP[]) AS listed_since),
    spoken AS (
        SELECT sounds.store, sounds.key, sounds.place, max(CASE WHEN texts.redacted THEN 1 ELSE 0 END) AS masked,
            max(CASE WHEN texts.redacted IS NULL THEN 1 ELSE 0 END) AS untold,
            max(CASE WHEN texts.redacted AND links.evidence < 4 THEN 1 ELSE 0 END) AS sure
        FROM texts JOIN links ON texts.place = links.transcript AND links.is_there AND links.evidence < 6
        JOIN sounds ON links.audio = sounds.place WHERE sounds.base NOT LIKE 'redacted-%'
            AND sounds.base NOT LIKE '%!_redacted!_%' ESCAPE '!'
        GROUP BY sounds.store, sounds.key, sounds.place
    ), every AS (
        SELECT 'texts' AS kind, texts.store, count(*) AS n1, count(CASE WHEN is_there THEN 1 END) AS n2,
            count(CASE WHEN is_there AND evidence = 1 THEN 1 END) AS n3,
            count(CASE WHEN is_there AND evidence IN (2, 3) THEN 1 END) AS n4,
            count(CASE WHEN is_there AND evidence > 3 THEN 1 END) AS n5,
            count(CASE WHEN is_gone AND NOT is_there THEN 1 END) AS n6,
            min(CASE WHEN is_gone AND NOT is_there THEN evidence END) AS n7,
            min(CASE WHEN is_gone AND NOT is_there THEN texts.key END) AS t1,
            min(CASE WHEN is_gone AND NOT is_there THEN audio END) AS t2
        FROM texts LEFT JOIN best ON texts.place = best.transcript GROUP BY texts.store
        UNION ALL
        SELECT 'sounds', sounds.store, count(*), count(heard.audio),
            count(CASE WHEN heard.audio IS NULL AND asked.audio IS NOT NULL THEN 1 END),
            count(CASE WHEN heard.audio IS NULL AND asked.audio IS NULL AND modified >= listed_since THEN 1 END),
            0, 0, 0, NULL, NULL
        FROM sounds LEFT JOIN heard ON sounds.place = heard.audio LEFT JOIN asked ON sounds.place = asked.audio
        LEFT JOIN since ON sounds.store = since.store GROUP BY sounds.store
        UNION ALL
        SELECT 'unmasked', store, count(*), sum(masked)::BIGINT, sum(sure)::BIGINT,
            sum(CASE WHEN masked = 0 THEN untold ELSE 0 END)::BIGINT, 0, 0, 0,
            min(CASE WHEN masked = 1 THEN key END), NULL
        FROM spoken GROUP BY store
        UNION ALL
        SELECT 'flows', sounds.store, count(*), count(CASE WHEN best.evidence < 4 THEN 1 END), 0, 0, 0, 0, 0,
            texts.store, NULL
        FROM texts JOIN best ON texts.place = best.transcript AND best.is_there
        JOIN sounds ON best.audio = sounds.place GROUP BY sounds.store, texts.store
    )
    SELECT kind, store, n1, n2, n3, n4, n5, n6, n7, t1, t2 FROM every ORDER BY kind, store, t1
"""  # noqa: S608 - our own names
"""All that is counted, in one pass.

By store of the transcript: how many, whose recording is there (by job, by metadata, by name), whose is gone, with the
best evidence and an example. By store of the recording: how many, with a transcript, with a job whose output is not
seen, surely with neither; and those kept as spoken that have a transcript, which is redacted, by more than names, or
may be, with an example. By both stores: how many, by more than names.
"""

PAIRS = f"""
    {_ALL}, kept AS (SELECT DISTINCT unnest(?::VARCHAR[]) AS job),
    redacted AS (SELECT * FROM texts WHERE redacted),
    unredacted AS (SELECT DISTINCT claimed.transcript FROM claimed JOIN kept ON claimed.job = kept.job),
    raw AS (SELECT * FROM texts WHERE redacted IS NULL OR NOT redacted),
    pairs AS (
        SELECT redacted.store, redacted.place AS one, raw.key AS other,
            CASE WHEN NOT raw.redacted OR unredacted.transcript IS NOT NULL THEN 2
                WHEN redacted.base = 'redacted-' || raw.base THEN 1 ELSE 0 END AS sure
        FROM redacted JOIN raw ON redacted.store = raw.store AND redacted.folder = raw.folder
            AND redacted.stem = raw.stem
        LEFT JOIN unredacted ON raw.place = unredacted.transcript
        UNION
        SELECT raw.store, redacted.place, raw.key,
            CASE WHEN NOT raw.redacted THEN 2 WHEN raw.base LIKE '%!_analysis!_%' ESCAPE '!' THEN 1 ELSE 0 END
        FROM redacted JOIN raw ON redacted.stem = raw.stem AND redacted.contact AND raw.contact
        UNION
        SELECT raw.store, redacted.place, raw.key, CASE WHEN NOT raw.redacted OR kept.job IS NOT NULL THEN 2 ELSE 0 END
        FROM redacted JOIN claimed AS first ON redacted.place = first.transcript
        JOIN claimed AS second ON first.audio = second.audio
        JOIN raw ON raw.place = second.transcript LEFT JOIN kept ON second.job = kept.job
    ), surest AS (SELECT store, one, max(sure) AS sure, min(other) AS other FROM pairs GROUP BY store, one)
    SELECT store, count(*), count(CASE WHEN sure = 2 THEN 1 END), count(CASE WHEN sure = 1 THEN 1 END), min(other)
    FROM surest GROUP BY store ORDER BY store
"""  # noqa: S608 - our own names
"""By store of the raw one: redacted transcripts beside one that is raw: all, surely so, so by its name alone."""
