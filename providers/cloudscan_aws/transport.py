"""Does a bucket refuse plaintext requests to everybody? Pure.

Amazon S3 has no switch for it: a bucket refuses HTTP when its policy denies it ("Security best practices for Amazon
S3: Enforce encryption of data in transit"). So the evaluator is asked whether the mightiest caller, the root user of
the bucket's own account, and everybody whom the policy names could read without TLS; only a deny that holds for all of
them stops it.
"""

from __future__ import annotations

import re

from cloudscan.access import Context, Ruling
from cloudscan.model import Answer
from cloudscan_aws.policy.asking import Question
from cloudscan_aws.policy.callers import ANYONE, Caller, account_root, somebody_in
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.policy.evaluate import Inquiry

_CALLS = ("s3:GetObject", "s3:PutObject")
_PLAINTEXT = Context.of({"aws:SecureTransport": "false"}, absent=["s3:TlsVersion"])


def tls_required(document: str | None, bucket: str, account: str) -> Answer:
    """Say whether reads and writes of every object of a bucket (an ARN) need TLS.

    ``document`` is the bucket policy's text, None for a bucket without one. A malformed policy answers UNKNOWN.
    """
    if document is None:
        return Answer.NO
    policy = Policy.of("bucket policy", document)
    statements = [each for each in policy.document.statements if isinstance(each, Statement)]
    rulings = {
        _plaintext(policy, Question(call, resource, account, _PLAINTEXT), caller)
        for call in _CALLS
        for resource in _objects(statements, bucket)
        for caller in _callers(statements, account, bucket.split(":")[1])
    }
    if rulings & {Ruling.YES, Ruling.IF}:
        return Answer.NO
    return Answer.UNKNOWN if Ruling.UNKNOWN in rulings else Answer.YES


def _objects(statements: list[Statement], bucket: str) -> set[str]:
    """Return objects that the policy may tell apart: one that it does not name, and one for each of its patterns."""
    patterns = {text for each in statements for text in (*(each.resources or ()), *(each.not_resources or ()))}
    named = {re.sub(r"\$\{[^}]*\}|[*?]", "x", text) for text in patterns}
    return {f"{bucket}/a", *(name for name in named if name.startswith(f"{bucket}/"))}


def _callers(statements: list[Statement], account: str, partition: str) -> list[Caller]:
    """Return callers that the policy may spare: the root user, whoever does not sign, and everybody it names."""
    named = {name for each in statements if each.not_principals for _, name in each.not_principals.names}
    named |= {value for each in statements for clause in each.condition for value in clause.values}
    spared = {re.sub(r"\$\{[^}]*\}|[*?]", "x", name) for name in named if ":iam::" in name and ":root" not in name}
    roles = (somebody_in(name.split(":")[4], name) for name in sorted(spared) if name.count(":") >= 5)
    return [account_root(account, partition), ANYONE, *roles]


def _plaintext(policy: Policy, question: Question, caller: Caller) -> Ruling:
    inquiry = Inquiry(caller, question, organization=None)
    return inquiry.decide(inquiry.union(inquiry.admitted([policy]))).ruling
