"""Reading a statement just far enough: where its data begins, and whether it may run here."""

import re

from sinks.clickhouse.embedded.engine import EngineError
from sinks.clickhouse.sql import Token, tokens

SYNTAX_ERROR = 62
NOT_IMPLEMENTED = 48
ACCESS_DENIED = 497
_REACHING_OUT = re.compile(
    r"(?:file|url|s3|gcs|oss|cosn|hdfs|remote|cluster|mysql|postgresql|mongodb|redis|sqlite|odbc|jdbc|executable|python"
    r"|kafka|rabbitmq|nats|azure|azureblobstorage|filelog|distributed|backup|disk|hudi|paimon\w*|iceberg\w*|deltalake\w*"
    r"|ytsaurus|arrowflight|materializedpostgresql)(?:cluster|secure|allreplicas|queue|pool)?"
)


def split(body: bytes) -> tuple[str, str, bytes | None]:
    """Statement, the format it names, and the data behind an ``INSERT ... FORMAT name``.

    Reads no further than that name, and one character a byte, so that the data may be anything.
    """
    scan = _Scan()
    for token in tokens(body.decode("latin-1")):
        if token.kind in ("space", "comment"):
            continue
        scan.take(token)
        if scan.data_follows:
            return _text(body[: scan.clause_start]), token.text, _after_line_end(body[token.stop :])
    if not scan.words:
        raise refusal(SYNTAX_ERROR, "Empty query")
    named_format = scan.last.text if scan.words[-2:-1] == ["FORMAT"] else ""
    return _text(body[: scan.end_of_statement]), named_format, None


class _Scan:
    """What is known of a statement after some of its tokens."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.last = Token("space", "", 0)
        self.clause_start = 0
        self.end_of_statement: int | None = None

    def take(self, token: Token) -> None:
        if self.end_of_statement is not None:
            raise refusal(SYNTAX_ERROR, "Multi-statements are not allowed")
        if token.kind == "end":
            self.end_of_statement = token.stop - 1
            return
        self.words.append(token.text.upper() if token.kind == "word" else "")
        if self.words[-1] == "FORMAT":
            self.clause_start = token.stop - len("FORMAT")
        self._refuse_reaching_out(token)
        self.last = token

    @property
    def data_follows(self) -> bool:
        if self.words[-2:-1] != ["FORMAT"] or not self.words[-1]:
            return False
        return self.words[0] == "INSERT" and not {"SELECT", "VALUES"}.intersection(self.words)

    def _refuse_reaching_out(self, token: Token) -> None:
        """Files and other machines: a server guards them, here they would be open to every local caller."""
        if self.words[-2:] in (["INTO", "OUTFILE"], ["FROM", "INFILE"]):
            raise refusal(ACCESS_DENIED, f"{' '.join(self.words[-2:])} is not served by the embedded engine")
        function = self.last.text.strip('`"').lower()
        if token.text == "(" and _REACHING_OUT.fullmatch(function):
            raise refusal(ACCESS_DENIED, f"{function}() is not served by the embedded engine")


def _after_line_end(data: bytes) -> bytes:
    """The data begins after the blanks and the one line end that follow the format's name."""
    start = len(data) - len(data.lstrip(b" \t\r"))
    return data[start + 1 :] if data[start : start + 1] == b"\n" else data[start:]


def _text(sql: bytes) -> str:
    try:
        return sql.decode()
    except UnicodeDecodeError:
        raise refusal(SYNTAX_ERROR, "the statement is not UTF-8") from None


def refusal(code: int, text: str) -> EngineError:
    names = {SYNTAX_ERROR: "SYNTAX_ERROR", NOT_IMPLEMENTED: "NOT_IMPLEMENTED", ACCESS_DENIED: "ACCESS_DENIED"}
    return EngineError(code, f"Code: {code}. DB::Exception: {text}. ({names[code]})")
