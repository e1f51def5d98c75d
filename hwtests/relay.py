"""A plug that can be switched, by a protocol of three words over TCP: lines of ASCII, one answer each.

    ON 1      OK on       the plug's number, from 1
    OFF 1     OK off
    STATE 1   OK on | OK off
              ERR why     and nothing was switched

An answer is sent once the plug has switched. `hwtests.fake_relay` is one without a plug; a bridge to a real one is as
long.
"""

import socket
from dataclasses import dataclass
from typing import Final

_TIMEOUT_S: Final = 10.0
_MOST_BYTES: Final = 256


class RelayError(Exception):
    """The relay does not do what it is told; the text says what to mend."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """One plug."""

    host: str
    port: int
    number: int

    def on(self) -> None:
        """Switch it on; raises RelayError."""
        self._tell("ON", "on")

    def off(self) -> None:
        """Switch it off; raises RelayError."""
        self._tell("OFF", "off")

    @property
    def is_on(self) -> bool:
        """Whether it is on; raises RelayError."""
        return self._say("STATE") == "on"

    def _tell(self, word: str, state: str) -> None:
        if (found := self._say(word)) != state:
            raise RelayError(f"{self._where}: {word} left it {found} — look at the plug")

    @property
    def _where(self) -> str:
        return f"the relay at {self.host}:{self.port}, plug {self.number}"

    def _say(self, word: str) -> str:
        try:
            with socket.create_connection((self.host, self.port), timeout=_TIMEOUT_S) as line:
                line.sendall(f"{word} {self.number}\n".encode("ascii"))
                answer = line.makefile("r", encoding="ascii").readline(_MOST_BYTES)
        except (OSError, ValueError) as error:
            raise RelayError(f"{self._where}: {error} — look whether it runs and is reached") from None
        verdict, _, rest = answer.strip().partition(" ")
        if verdict == "OK" and rest in {"on", "off"}:
            return rest
        raise RelayError(f"{self._where}: {rest or 'no answer'} — look at its number and its log")
