"""All checks at once, each with a time limit: a network that hangs never hangs the doctor."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edge.cli.doctor.finding import Finding, failed

Check = Callable[[], Sequence[Finding]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A check, the names of what it finds, and how long it may take, in s."""

    names: tuple[str, ...]
    check: Check
    limit_s: float = 10.0


@dataclass(kw_only=True, slots=True)
class _Bed:
    job: Job
    findings: Sequence[Finding] | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            self.findings = tuple(self.job.check())
        except Exception as error:  # noqa: BLE001  one broken check must not take the others along
            said = f"the check itself broke off: {type(error).__name__}"
            self.findings = [failed(name, said, "report this, with passant --version") for name in self.job.names]
        self.done.set()


def findings_of(jobs: Sequence[Job]) -> list[Finding]:
    """Run all jobs in threads and give what they found, in the jobs' order; who is late is said to be."""
    beds = [_Bed(job=job) for job in jobs]
    began_s = time.monotonic()
    for bed in beds:
        # As daemons: one that hangs in the C library must not keep the process alive.
        threading.Thread(target=bed.run, name=bed.job.names[0], daemon=True).start()
    found: list[Finding] = []
    for bed in beds:
        bed.done.wait(max(0.0, began_s + bed.job.limit_s - time.monotonic()))
        found += bed.findings if bed.findings is not None else _late(bed.job)
    return found


def _late(job: Job) -> list[Finding]:
    said = f"no answer within {job.limit_s:.0f} s"
    return [failed(name, said, "look what hangs: the network, a disk, a device; then ask again") for name in job.names]
