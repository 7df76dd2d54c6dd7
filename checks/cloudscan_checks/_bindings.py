"""How a role is taken from a member in Google Cloud: where it is bound is told by the path of a finding."""

from __future__ import annotations


def unbind(member: str = "MEMBER") -> str:
    """Return the sentence for remediation texts; ``member`` is whom it is taken from, or the placeholder for that.

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
