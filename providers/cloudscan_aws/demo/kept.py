"""What moto accepts and then drops, kept: the answer shows what the request put, as on AWS.

Each function mends one operation, or one pair of a put and its get. State lives in moto's backends where
moto has the value and only its answer lacks it, else in a dictionary here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from cloudscan_aws.demo.standin import Params, StandIn, account_of
from cloudscan_aws.demo.wire import AwsError, Call, Payload

_EVERY_BUCKET = 10_000  # the most that one ListBuckets answer holds ("Amazon S3 API reference, ListBuckets")


def keep(standin: StandIn) -> None:
    """Mend moto's answers, with nothing remembered yet."""
    _keep_lifecycle(standin)
    _keep_mfa_delete(standin)
    _keep_user_boundaries(standin)
    _keep_identity_pool_roles(standin)
    standin.mend("s3", "ListBuckets", _list_buckets)
    standin.mend("transcribe", "GetTranscriptionJob", _whole_job)
    standin.mend("transcribe", "ListTranscriptionJobs", _whole_summaries)
    standin.mend("ec2", "DescribeRegions", _enabled_regions)


def _keep_lifecycle(standin: StandIn) -> None:
    """Moto drops a filter's object sizes, NewerNoncurrentVersions, and gives no id to a rule without one."""
    put: dict[str, list[dict[str, Any]]] = {}

    def put_rules(_: Call, params: Params, payload: Payload) -> Payload:
        rules = params["LifecycleConfiguration"].get("Rules", [])
        put[params["Bucket"]] = [{"ID": f"generated-{number}", **rule} for number, rule in enumerate(rules)]
        return payload

    def get_rules(_: Call, params: Params, payload: Payload) -> Payload:
        return {**payload, "Rules": put[params["Bucket"]]}

    standin.mend("s3", "PutBucketLifecycleConfiguration", put_rules)
    standin.mend("s3", "GetBucketLifecycleConfiguration", get_rules)


def _keep_mfa_delete(standin: StandIn) -> None:
    """Moto drops MFADelete of a versioning configuration."""
    put: dict[str, str] = {}

    def put_versioning(_: Call, params: Params, payload: Payload) -> Payload:
        if "MFADelete" in params["VersioningConfiguration"]:
            put[params["Bucket"]] = params["VersioningConfiguration"]["MFADelete"]
        return payload

    def get_versioning(_: Call, params: Params, payload: Payload) -> Payload:
        if "Status" in payload and params["Bucket"] in put:
            return {**payload, "MFADelete": put[params["Bucket"]]}
        return payload

    standin.mend("s3", "PutBucketVersioning", put_versioning)
    standin.mend("s3", "GetBucketVersioning", get_versioning)


def _keep_user_boundaries(standin: StandIn) -> None:
    """Moto drops the boundary of a new user and lacks the two operations that set and remove it."""
    boundaries: dict[tuple[str, str], str] = {}

    def create(call: Call, params: Params, payload: Payload) -> Payload:
        boundaries.pop((account_of(call), params["UserName"]), None)
        if "PermissionsBoundary" in params:
            put(call, params)
        return payload

    def put(call: Call, params: Params) -> Payload:
        boundaries[account_of(call), params["UserName"]] = params["PermissionsBoundary"]
        return {}

    def delete(call: Call, params: Params) -> Payload:
        boundaries.pop((account_of(call), params["UserName"]), None)
        return {}

    def bounded(call: Call, user: Mapping[str, Any]) -> dict[str, Any]:
        arn = boundaries.get((account_of(call), user["UserName"]))
        boundary = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}
        return {**user, "PermissionsBoundary": boundary} if arn else {**user}

    def get(call: Call, _: Params, payload: Payload) -> Payload:
        return {**payload, "User": bounded(call, payload["User"])}

    def details(call: Call, _: Params, payload: Payload) -> Payload:
        return {**payload, "UserDetailList": [bounded(call, user) for user in payload["UserDetailList"]]}

    standin.answer("iam", "PutUserPermissionsBoundary", put)
    standin.answer("iam", "DeleteUserPermissionsBoundary", delete)
    standin.mend("iam", "CreateUser", create)
    standin.mend("iam", "GetUser", get)
    standin.mend("iam", "GetAccountAuthorizationDetails", details)


def _keep_identity_pool_roles(standin: StandIn) -> None:
    """Moto lacks both operations; a pool without roles answers its id alone."""
    put: dict[str, Payload] = {}

    def set_roles(call: Call, params: Params) -> Payload:
        put[_pool(call, params)] = {name: params[name] for name in ("Roles", "RoleMappings") if name in params}
        return {}

    def get_roles(call: Call, params: Params) -> Payload:
        pool = _pool(call, params)
        return {"IdentityPoolId": pool, **put.get(pool, {})}

    standin.answer("cognito-identity", "SetIdentityPoolRoles", set_roles)
    standin.answer("cognito-identity", "GetIdentityPoolRoles", get_roles)


def _pool(call: Call, params: Params) -> str:
    from moto.cognitoidentity.models import cognitoidentity_backends

    pool: str = params["IdentityPoolId"]
    if pool not in cognitoidentity_backends[account_of(call)][call.region].identity_pools:
        raise AwsError("ResourceNotFoundException", f"IdentityPool '{pool}' not found.")
    return pool


def _list_buckets(call: Call, params: Params, payload: Payload) -> Payload:
    """Moto cuts the list at MaxBuckets without a token and never names a bucket's Region.

    AWS names it if the request has a parameter ("Amazon S3 API reference, Bucket").
    """
    from moto.s3.models import s3_backends
    from moto.utilities.utils import get_partition

    backend = s3_backends[account_of(call)][get_partition(call.region)]
    found = backend.list_buckets(params.get("Prefix"), params.get("BucketRegion"), None)
    after = params.get("ContinuationToken", "")
    rest = sorted((bucket for bucket in found if bucket.name > after), key=lambda bucket: bucket.name)
    page = rest[: params.get("MaxBuckets", _EVERY_BUCKET)]
    answer = {name: payload[name] for name in payload if name != "Buckets"}
    answer["Buckets"] = [
        {"Name": bucket.name, "CreationDate": bucket.creation_date}
        | ({"BucketRegion": bucket.region_name} if params else {})
        for bucket in page
    ]
    if "Prefix" in params:
        answer["Prefix"] = params["Prefix"]
    if len(page) < len(rest):
        answer["ContinuationToken"] = page[-1].name
    return answer


def _whole_job(call: Call, params: Params, payload: Payload) -> Payload:
    names = ("ContentRedaction", "JobExecutionSettings", "ModelSettings")
    return {
        "TranscriptionJob": {
            **_dropped(call, params["TranscriptionJobName"], names),
            **payload["TranscriptionJob"],
        }
    }


def _whole_summaries(call: Call, _: Params, payload: Payload) -> Payload:
    """A job that was never read has no status in moto's list."""
    names = ("ContentRedaction", "ModelSettings")
    jobs = [
        {"TranscriptionJobStatus": "QUEUED", **_dropped(call, job["TranscriptionJobName"], names), **job}
        for job in payload["TranscriptionJobSummaries"]
    ]
    return {**payload, "TranscriptionJobSummaries": jobs}


def _dropped(call: Call, job_name: str, names: tuple[str, ...]) -> dict[str, Any]:
    """What moto's job holds and its answer lacks; moto fills a setting that was not asked for with None."""
    from botocore import xform_name
    from moto.transcribe.models import transcribe_backends

    job = transcribe_backends[account_of(call)][call.region].transcriptions[job_name]
    held = {name: getattr(job, xform_name(name)) for name in names}
    return {name: value for name, value in held.items() if None not in value.values()}


def _enabled_regions(call: Call, params: Params, payload: Payload) -> Payload:
    """Moto ignores filters and AllRegions, and answers the Regions of every partition."""
    from moto.utilities.utils import get_partition

    members = {"opt-in-status": "OptInStatus", "region-name": "RegionName", "endpoint": "Endpoint"}
    wanted = [(members[each["Name"]], each["Values"]) for each in params.get("Filters", [])]
    if not params.get("AllRegions"):
        wanted.append(("OptInStatus", ["opt-in-not-required", "opted-in"]))
    regions = [
        region
        for region in payload["Regions"]
        if get_partition(region["RegionName"]) == get_partition(call.region)
        and all(region[name] in values for name, values in wanted)
    ]
    return {**payload, "Regions": regions}


class Owners:
    """The owners of objects that are not the one constant owner of moto."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], str] = {}

    def set(self, standin: StandIn, bucket: str, key: str, owner_id: str) -> None:
        """Name an object's owner by its canonical user id."""
        if not self._ids:  # parsing every list costs time, so only an estate that asks for owners pays it
            for operation in ("ListObjects", "ListObjectsV2", "ListObjectVersions"):
                standin.patch("s3", operation, self._listed)
            standin.patch("s3", "GetObjectAcl", self._acl)
        self._ids[bucket, key] = owner_id

    def _listed(self, _: Call, params: Params, payload: Payload) -> Payload:
        decoded = unquote if payload.get("EncodingType") == "url" else str
        owned = {
            name: [self._owned(params["Bucket"], decoded(row["Key"]), row) for row in payload[name]]
            for name in ("Contents", "Versions")
            if name in payload
        }
        return {**payload, **owned}

    def _owned(self, bucket: str, key: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if "Owner" not in row or (bucket, key) not in self._ids:
            return row
        return {**row, "Owner": {"ID": self._ids[bucket, key]}}

    def _acl(self, _: Call, params: Params, payload: Payload) -> Payload:
        owner = self._ids.get((params["Bucket"], params["Key"]))
        return {**payload, "Owner": {"ID": owner}} if owner else payload


class Uploads:
    """When uploads in parts were begun: moto tells the same date of all."""

    def __init__(self) -> None:
        self._begun: dict[str, datetime] = {}

    def keep(self, standin: StandIn) -> None:
        """Remember the beginnings, and tell them."""
        standin.mend("s3", "CreateMultipartUpload", self._create)
        standin.mend("s3", "ListMultipartUploads", self._list)

    def set(self, upload_id: str, when: datetime) -> None:
        """Set when an upload was begun; KeyError if none is called so, ValueError for a date without a time zone."""
        if when.tzinfo is None:
            raise ValueError("a date without a time zone is ambiguous")
        if upload_id not in self._begun:
            raise KeyError(upload_id)
        self._begun[upload_id] = when

    def _create(self, _: Call, __: Params, payload: Payload) -> Payload:
        self._begun[payload["UploadId"]] = datetime.now(UTC)
        return payload

    def _list(self, _: Call, __: Params, payload: Payload) -> Payload:
        if not payload.get("Uploads"):
            return payload
        return {
            **payload,
            "Uploads": [{**each, "Initiated": self._begun[each["UploadId"]]} for each in payload["Uploads"]],
        }
