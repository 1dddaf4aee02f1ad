"""JSON as StarRocks writes it: indented, in the order given."""

import json
from collections.abc import Mapping

from aiohttp import web


def json_response(
    document: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a response with a JSON document."""
    return web.json_response(
        document,
        status=status,
        headers=headers,
        dumps=lambda value: json.dumps(value, indent=4, ensure_ascii=False),
    )
