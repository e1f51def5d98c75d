"""What is wrong with one file, for whoever owns it; the next file is not concerned."""


class FileError(Exception):
    """A picture or film was not written. `cause` continues its path, `mend` says what to do."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(f"{cause} — {mend}")
        self.cause = cause
        self.mend = mend
