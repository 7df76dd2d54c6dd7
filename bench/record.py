"""Run a cloudscan command in this process and write each call of the AWS API that it makes as a line of JSON.

python bench/record.py CALLS collect aws -o SNAPSHOT ...
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any


def main(path: str, *arguments: str) -> None:
    from botocore import handlers, xform_name

    from cloudscan.cli import main as cloudscan

    writing = threading.Lock()
    with Path(path).open("w", encoding="utf-8") as calls:

        def write(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            call = [model.service_model.service_name, context["client_region"], xform_name(model.name), params]
            with writing:
                calls.write(json.dumps(call) + "\n")

        # The handlers of every botocore session that is made from here on.
        handlers.BUILTIN_HANDLERS.append(("provide-client-params", write))
        sys.argv[1:] = arguments
        cloudscan()


if __name__ == "__main__":
    main(*sys.argv[1:])
