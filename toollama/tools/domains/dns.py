"""DNS records of a name, asked over HTTPS.

Google's JSON interface (https://developers.google.com/speed/public-dns/docs/doh/json), so that the
question goes through the door like every other: offline mode, deadlines and overrides hold for it,
which a resolver library would not heed. Not yet run against the real service.
"""

from typing import Literal

from toollama.tools.base import HttpDoor, ToolFailure
from toollama.tools.upstream import Document, read_as

HOST = "dns.google"
RecordType = Literal["A", "AAAA", "MX", "NS", "TXT", "CAA"]
_NUMBERS: dict[RecordType, int] = {"A": 1, "NS": 2, "MX": 15, "TXT": 16, "AAAA": 28, "CAA": 257}
_NO_ERROR, _NO_SUCH_NAME = 0, 3


class _Record(Document):
    type: int
    data: str


class _Answer(Document):
    Status: int
    Answer: tuple[_Record, ...] = ()


async def records(http: HttpDoor, name: str, kind: RecordType) -> tuple[str, ...]:
    """Return the records of one type, texts without their quotation marks; none for no such name.

    Raises `ToolFailure`.
    """
    answer = await http.get_json(
        f"https://{HOST}/resolve", params={"name": name, "type": kind}, hosts=[HOST]
    )
    found = read_as(_Answer, answer, service=HOST)
    if found.Status not in {_NO_ERROR, _NO_SUCH_NAME}:
        raise ToolFailure(
            f"DNS gave no answer for {name} (code {found.Status})",
            kind="upstream",
            fix="try again later",
        )
    rows = (row.data for row in found.Answer if row.type == _NUMBERS[kind])
    return tuple(row.strip('"').rstrip(".") if kind != "TXT" else row.strip('"') for row in rows)
