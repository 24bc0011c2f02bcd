"""What a form of ours brings. Every form carries a token of this process, which no other page can read."""

import secrets
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request

from console.verdicts import Given

MOST_BYTES = 8 << 10
MOST_FIELDS = 16
FORM = "application/x-www-form-urlencoded"


async def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, f"A form is sent as {FORM}.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"The form is longer than {MOST_BYTES} bytes.")
    try:
        pairs = parse_qsl(body.decode("ascii"), True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None
    return dict(pairs)


def _verdict_form(request: Request, fields: Annotated[dict[str, str], Depends(_fields)]) -> Given:
    if not secrets.compare_digest(fields.get("token", "").encode(), request.app.state.form_token.encode()):
        advice = "open the order or transfer again and decide there."
        raise HTTPException(403, f"The form is not of this console, or of one that has ended: {advice}")
    answer = fields.get("answer", "")
    if answer not in ("accept", "reject"):
        raise HTTPException(400, f"answer: {answer!r} is neither accept nor reject.")
    by, note, quantity = (fields.get(name, "").strip() for name in ("by", "note", "quantity"))
    return Given("accept" if answer == "accept" else "reject", by, note, quantity, fields.get("revision", ""))


VerdictForm = Annotated[Given, Depends(_verdict_form)]
