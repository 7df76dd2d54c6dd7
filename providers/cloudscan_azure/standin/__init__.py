"""Azure on loopback: servers that speak Azure's wire formats over TLS, for tests and the demo.

:class:`~cloudscan_azure.standin.server.Standin` answers Azure Resource Manager, Microsoft Graph, Speech to text, vaults
and Microsoft Entra's token endpoint. It refuses requests that Azure's references do not have, and those that do more
than read: also ``listKeys`` and values of secrets. Answers are held to the models of Azure's libraries.
:func:`~cloudscan_azure.standin.azurite.azurite` starts Azurite, Microsoft's emulator of the blob service, beside it.

What a test against them proves: that we ask and understand Azure's wire formats, through unmodified clients, over TLS.
What it does not prove: that Azure behaves so. What is answered is what the test gave, and paging, errors and faults
behave as Azure's documents describe them and as we wrote it here. Roles are never evaluated.
"""
