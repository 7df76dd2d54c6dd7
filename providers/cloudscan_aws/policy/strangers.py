"""Can somebody whom nobody knows meet a condition? What they choose themselves is no barrier to them.

Three sorts of context keys: those whose value the caller writes into the request or owns (a Referer header, a tag
on a role of their own account), those that the cloud fills with something a stranger cannot have (an
organization, a network that is not theirs), and all others, of which we do not claim to know.

The second sort follows "Blocking public access to your Amazon S3 storage: The meaning of public", and the
first AWS's warning there and at ``aws:Referer`` that such values can be made up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cloudscan.access.comparisons import Operator, parts_of
from cloudscan.access.conditions import Condition, Context, Over, Test, resolve
from cloudscan.access.patterns import MANY, Pattern, Wildcard
from cloudscan.access.strangers import is_wide, met, one_of
from cloudscan.model import Answer

_CHOSEN_KEYS = """
aws:multifactorauthage aws:multifactorauthpresent aws:principaltype aws:referer
aws:securetransport aws:sourceidentity aws:tokenissuetime aws:useragent aws:username aws:viaawsservice
aws:vpcsourceip kms:encryptionalgorithm kms:viaservice s3:authtype s3:delimiter s3:max-keys s3:prefix
s3:signatureage s3:signatureversion s3:tlsversion s3:versionid s3:x-amz-content-sha256 sts:rolesessionname
"""
_CHOSEN_FAMILIES = ("aws:principaltag/", "kms:encryptioncontext:", "s3:x-amz-")
_BARRIER_KEYS = """
aws:principalaccount aws:principalarn aws:principalisawsservice aws:principalorgid aws:principalorgpaths
aws:principalservicename aws:principalservicenameslist aws:sourceaccount aws:sourcearn aws:sourceip
aws:sourceorgid aws:sourceorgpaths aws:sourceowner aws:sourcevpc aws:sourcevpcarn aws:sourcevpce aws:userid
aws:vpceaccount aws:vpceorgid aws:vpceorgpaths cognito-identity.amazonaws.com:sub kms:calleraccount
"""
_LACKED = ("aws:source", "aws:vpce", "aws:principalorg", "aws:principalservice", "cognito-identity.")
_SORTS = ("o-", "vpc-", "vpce-")
_CHOSEN = frozenset(_CHOSEN_KEYS.split())
_BARRIERS = frozenset(_BARRIER_KEYS.split())


def open_to_strangers(condition: Condition, now: datetime) -> Answer:
    """Say whether somebody with nothing but the Internet and an account of their own can meet a condition."""
    clock = {"aws:CurrentTime": now.isoformat(), "aws:EpochTime": str(int(now.timestamp()))}
    return met(resolve(condition, Context.of(clock)), _tested)


def _tested(test: Test) -> Answer:
    key = test.key.casefold()
    if key in _CHOSEN or key.startswith(_CHOSEN_FAMILIES):
        return Answer.YES
    if key not in _BARRIERS:
        return Answer.UNKNOWN
    # Whether the key is there at all is up to the caller, and of no values every one fits.
    if test.operator is Operator.PRESENT or test.over is Over.EVERY:
        return Answer.YES
    # A request that lacks the key fits no value: so do those from outside any VPC, from no organization, by no
    # service, and for addresses those through a VPC endpoint of the stranger's own.
    if test.negated and key.startswith(_LACKED):
        return Answer.YES
    fits: Callable[[Pattern], Answer] = _fits_network if test.operator is Operator.IN_NETWORK else _fits
    fitting = one_of(map(fits, test.values))
    if test.negated:
        return {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNKNOWN: Answer.UNKNOWN}[fitting]
    return fitting


def _fits_network(value: Pattern) -> Answer:
    return Answer.of(is_wide(str(value)))


def _fits(value: Pattern) -> Answer:
    """Say whether a stranger's own account, network or name can fit: not when it is fixed by an id."""
    if value.pieces == (MANY,) or str(value).casefold() == "false":
        return Answer.YES
    if all(isinstance(piece, str) for piece in value.pieces):
        return Answer.of(str(value) == "anonymous")  # the user id of a request that nobody signed
    head = value.pieces[0]
    if not isinstance(head, str) or value.references:
        return Answer.UNKNOWN
    if head.startswith("arn:"):
        parts = parts_of(value)
        account = parts[4].pieces if len(parts) > 4 else ()
        wild = [isinstance(piece, Wildcard) for piece in account]
        return Answer.YES if all(wild) else Answer.UNKNOWN if any(wild) else Answer.NO
    # An id that its own separator closes, as in AROAEXAMPLE:* or o-example/*.
    if head.endswith((":", "/")):
        return Answer.NO
    # Wildcards right behind the sort of an id, as in vpce-* or o-*, let everybody's pass.
    return Answer.YES if head in _SORTS else Answer.UNKNOWN
