"""Does a bucket refuse plaintext requests to everybody? Pure.

Amazon S3 has no switch for it: a bucket refuses HTTP when its policy denies it ("Security best practices for Amazon
S3: Enforce encryption of data in transit"). So the evaluator is asked whether the mightiest caller, the root user of
the bucket's own account, could read without TLS; only a deny that holds for everybody and without further condition
stops it.
"""

from __future__ import annotations

from cloudscan.access import Context, Ruling
from cloudscan.model import Answer
from cloudscan_aws.policy.callers import account_root
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.evaluate import Inquiry, Question
from cloudscan_aws.policy.organization import NO_ORGANIZATION

_CALLS = ("s3:GetObject", "s3:PutObject")
_PLAINTEXT = Context.of({"aws:SecureTransport": "false"}, absent=["s3:TlsVersion"])


def tls_required(document: str | None, bucket: str, account: str) -> Answer:
    """Say whether reads and writes of every object of a bucket (an ARN) need TLS.

    ``document`` is the bucket policy's text, None for a bucket without one. A malformed policy answers UNKNOWN.
    """
    if document is None:
        return Answer.NO
    policy = Policy.of("bucket policy", document)
    rulings = {_plaintext(policy, call, f"{bucket}/{key}", account) for call in _CALLS for key in ("a", "z/9.wav")}
    if rulings == {Ruling.NO}:
        return Answer.YES
    return Answer.UNKNOWN if Ruling.UNKNOWN in rulings else Answer.NO


def _plaintext(policy: Policy, call: str, resource: str, account: str) -> Ruling:
    partition = resource.split(":")[1]
    inquiry = Inquiry(account_root(account, partition), Question(call, resource, account, _PLAINTEXT), NO_ORGANIZATION)
    return inquiry.decide(inquiry.union(inquiry.admitted([policy]))).ruling
