"""The catalogue: every check of this pack.

A check's ``controls`` name what it bears on in published frameworks, as ``framework@version:id``, or
``framework:id`` where a framework numbers no versions (``SecurityHub:S3.5``). Numbers change between versions
of a benchmark, so the version is part of the name; :mod:`cloudscan_checks.controls` says what each framework is
and which of its ids are known to exist. Laws are no controls: how long speech may be kept is the user's own
decision, in the policy file.
"""

from __future__ import annotations

from cloudscan.check import Check
from cloudscan_checks.app_user_reads_others import app_user_reads_others
from cloudscan_checks.audio_deleted_too_early import audio_deleted_too_early
from cloudscan_checks.audio_never_deleted import audio_never_deleted
from cloudscan_checks.audio_outliving_maximum_age import audio_outliving_maximum_age
from cloudscan_checks.audio_outside_approved_key import audio_outside_approved_key
from cloudscan_checks.audio_past_maximum_age import audio_past_maximum_age
from cloudscan_checks.audio_without_recorded_encryption import audio_without_recorded_encryption
from cloudscan_checks.backup_outliving_audio import backup_outliving_audio
from cloudscan_checks.contradictory_audio_retention import contradictory_audio_retention
from cloudscan_checks.disabled_audio_key import disabled_audio_key
from cloudscan_checks.guest_readable_audio import guest_readable_audio
from cloudscan_checks.key_usable_by_anyone import key_usable_by_anyone
from cloudscan_checks.key_wider_than_data import key_wider_than_data
from cloudscan_checks.old_audio_versions_never_deleted import old_audio_versions_never_deleted
from cloudscan_checks.outside_party_reach import outside_party_reach
from cloudscan_checks.plaintext_transport_allowed import plaintext_transport_allowed
from cloudscan_checks.raw_audio_beside_redacted_transcript import raw_audio_beside_redacted_transcript
from cloudscan_checks.reader_by_escalation import reader_by_escalation
from cloudscan_checks.reader_outside_approved import reader_outside_approved
from cloudscan_checks.redacted_transcript_beside_raw import redacted_transcript_beside_raw
from cloudscan_checks.replica_outliving_audio import replica_outliving_audio
from cloudscan_checks.single_role_opens_most import single_role_opens_most
from cloudscan_checks.speech_service_role_used_by_others import speech_service_role_used_by_others
from cloudscan_checks.speech_used_for_training import speech_used_for_training
from cloudscan_checks.stale_reader_credential import stale_reader_credential
from cloudscan_checks.too_many_readers import too_many_readers
from cloudscan_checks.transcript_in_service_bucket import transcript_in_service_bucket
from cloudscan_checks.transcript_outliving_audio import transcript_outliving_audio
from cloudscan_checks.transcript_outside_estate import transcript_outside_estate
from cloudscan_checks.transcript_read_by_more_than_audio import transcript_read_by_more_than_audio
from cloudscan_checks.transcript_without_audio import transcript_without_audio
from cloudscan_checks.unknown_party_access import unknown_party_access
from cloudscan_checks.unlogged_audio_reads import unlogged_audio_reads
from cloudscan_checks.unredacted_transcript import unredacted_transcript
from cloudscan_checks.unrotated_audio_key import unrotated_audio_key
from cloudscan_checks.world_readable_audio import world_readable_audio
from cloudscan_checks.world_readable_transcript import world_readable_transcript
from cloudscan_checks.world_writable_audio_store import world_writable_audio_store

CHECKS: tuple[Check, ...] = (
    app_user_reads_others,
    audio_deleted_too_early,
    audio_never_deleted,
    audio_outliving_maximum_age,
    audio_outside_approved_key,
    audio_past_maximum_age,
    audio_without_recorded_encryption,
    backup_outliving_audio,
    contradictory_audio_retention,
    disabled_audio_key,
    guest_readable_audio,
    key_usable_by_anyone,
    key_wider_than_data,
    old_audio_versions_never_deleted,
    outside_party_reach,
    plaintext_transport_allowed,
    raw_audio_beside_redacted_transcript,
    reader_by_escalation,
    reader_outside_approved,
    redacted_transcript_beside_raw,
    replica_outliving_audio,
    single_role_opens_most,
    speech_service_role_used_by_others,
    speech_used_for_training,
    stale_reader_credential,
    too_many_readers,
    transcript_in_service_bucket,
    transcript_outliving_audio,
    transcript_outside_estate,
    transcript_read_by_more_than_audio,
    transcript_without_audio,
    unknown_party_access,
    unlogged_audio_reads,
    unredacted_transcript,
    unrotated_audio_key,
    world_readable_audio,
    world_readable_transcript,
    world_writable_audio_store,
)
