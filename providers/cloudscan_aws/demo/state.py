"""Dates in moto's backends, which moto itself only ever sets to now."""

from datetime import UTC, datetime


def set_last_modified(bucket: str, key: str, when: datetime, version_id: str | None) -> None:
    """Set the date of an object, or of one version or delete marker of it.

    Raises KeyError where moto has no such bucket, key or version.
    """
    from moto.s3.models import s3_backends

    partition, account = s3_backends.bucket_accounts[bucket]
    versions = s3_backends[account][partition].buckets[bucket].keys.getlist(key) or ()
    wanted = [each for each in versions if version_id in {None, each.version_id}]
    if not wanted:
        raise KeyError(version_id)
    wanted[-1].last_modified = _as_moto_has_it(when)


def set_transcription_times(
    name: str, *, account: str, region: str, created: datetime, completed: datetime | None
) -> None:
    """Set when a transcription job was created and, if it is to be complete, when it was completed.

    Raises KeyError where moto has no such job.
    """
    from moto.transcribe.models import transcribe_backends

    backend = transcribe_backends[account][region]
    job = backend.transcriptions[name]
    while completed and job.status != "COMPLETED":
        job.advance()
    job.creation_time = _as_moto_has_it(created)
    if job.start_time:
        job.start_time = _as_moto_has_it(created)
    if completed:
        job.completion_time = _as_moto_has_it(completed)


def _as_moto_has_it(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("a date without a time zone is ambiguous")
    return when.astimezone(UTC).replace(tzinfo=None)
