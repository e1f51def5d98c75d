"""How the bench is wired, by environment; where a wire is missing, the reason to skip.

PASSANT_RELAY         HOST:PORT/NUMBER of the plug that the device's power goes through
PASSANT_CAMERA_RELAY  the same, of the camera's power or USB
PASSANT_BROKER        the broker's URL as the tester reaches it: mqtt://192.0.2.7:1883
"""

import os
from collections.abc import Mapping
from typing import Final

from hwtests.relay import Relay, RelayError

ABILITIES: Final = {
    "power": "PASSANT_RELAY is not set: no plug can cut the power",
    "camera": "PASSANT_CAMERA_RELAY is not set: nobody can unplug the camera",
    "broker": "PASSANT_BROKER is not set: nobody can hear what the device sends",
    "watchdog": "this device has no service manager with a watchdog",
    "memory": "this device has no limit of memory to run into",
    "network": "nobody here can cut this device's network",
    "speed": "this device is emulated: how quick it is says nothing",
    "injection": "this device's camera cannot be replaced by a drawn film",
}
"""What a device may lack, each with the reason that is told where nothing better is known."""


def relay(variable: str, environment: Mapping[str, str] = os.environ) -> Relay | None:
    """Give the relay that a variable names; None where it is not set, RelayError where it is no relay."""
    text = environment.get(variable, "")
    if not text:
        return None
    where, slash, number = text.rpartition("/")
    host, colon, port = where.rpartition(":")
    if not (slash and colon and host and port.isdecimal() and number.isdecimal()):
        raise RelayError(f"{variable}: {text} is no HOST:PORT/NUMBER — write it as in 192.0.2.9:7000/1")
    return Relay(host=host.strip("[]"), port=int(port), number=int(number))
