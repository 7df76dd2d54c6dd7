"""How rights are taken from somebody: where a role is bound or assigned is told by the path of a finding."""

from __future__ import annotations

SET_POLICY = (
    "`aws s3api put-bucket-policy --bucket {name} --policy file://policy.json` (it replaces the whole policy: begin"
    " with what `aws s3api get-bucket-policy --bucket {name}` shows)"
)
"""The call for remediation texts of AWS, and what is lost by it ("PutBucketPolicy")."""


def unbind(member: str = "MEMBER") -> str:
    """Return the sentence for those of Google Cloud; ``member`` is whom it is taken from, or the placeholder for that.

    From the reference of the gcloud CLI. What a binding with a condition takes is told, since the call asks for it.
    """
    rest = f"--member={member} --role=ROLE"
    return (
        "Take it off where the statement says that it is bound:"
        f" `gcloud storage buckets remove-iam-policy-binding gs://BUCKET {rest}`,"
        f" `gcloud storage managed-folders remove-iam-policy-binding gs://BUCKET/FOLDER/ {rest}`,"
        f" `gcloud projects remove-iam-policy-binding PROJECT {rest}`,"
        f" `gcloud resource-manager folders remove-iam-policy-binding FOLDER {rest}`,"
        f" `gcloud organizations remove-iam-policy-binding ORGANIZATION {rest}`, or"
        f" `gcloud iam service-accounts remove-iam-policy-binding SERVICE_ACCOUNT {rest}`; a binding with a condition"
        " also takes --condition or --all. Where the statement names a group, take the member out of it:"
        " `gcloud identity groups memberships delete --group-email=GROUP --member-email=EMAIL`."
    )
