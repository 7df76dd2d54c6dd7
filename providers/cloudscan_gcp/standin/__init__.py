"""Google Cloud on loopback: servers that speak Google's wire formats, for tests and the demo.

:class:`~cloudscan_gcp.standin.server.Endpoint` answers the REST APIs. Its routes, parameters and schemas are those of
Google's discovery documents, as google-api-python-client ships them. It refuses requests that Google's documents do
not allow, and answers that they do not allow either. :class:`~cloudscan_gcp.standin.speech.SpeechServer` answers
Speech-to-Text v2, which has no discovery document, over gRPC with the message types of google-cloud-speech.

What a test against them proves: that we ask and understand Google's wire formats, through unmodified clients, over
sockets. What it does not prove: that Google Cloud behaves so. The format is Google's; what is answered is what the test
gave, and paging, errors, quotas and faults behave as Google's documents describe them and as we wrote it here.
Permissions are never evaluated.

A client is pointed at the one address: a request names its API by its path alone (``/v3/projects/acme``). Where several
APIs have the same path (``/v1/projects/acme/locations``), the API may be named by the header ``Host``
(``cloudkms.googleapis.com``) or by a first segment of the path (``/cloudkms.googleapis.com/v1/...``); unnamed, the one
is taken that the test gave an answer for. gRPC is on the same address.
"""
