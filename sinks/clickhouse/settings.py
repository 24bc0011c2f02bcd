"""Where ClickHouse is and who we are there."""

import ipaddress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClickHouseSettings:
    """A ClickHouse server's HTTP interface and our account on it.

    The default account is ClickHouse's own anonymous one, which the embedded
    engine has too. ``timeout_seconds`` bounds every call; ``ca_file`` names the
    authority of a server certificate that the system does not know.
    """

    host: str = "127.0.0.1"
    port: int = 8123
    username: str = "default"
    password: str = field(default="", repr=False)
    database: str = "restockd"
    secure: bool = False
    timeout_seconds: float = 10.0
    ca_file: str | None = None

    @property
    def url(self) -> str:
        """The address without account: safe to print."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    @property
    def component(self) -> str:
        """How errors name this server."""
        return f"ClickHouse at {self.url}"

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, where no proxy may come between."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
