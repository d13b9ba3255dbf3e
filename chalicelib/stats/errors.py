"""The one error of the statistics: a request that can't be analysed.

ValueError
└── RequestError
"""


class RequestError(ValueError):
    """Names the field at fault by its path, e.g. `goals[0].arms[1].conversions: must not exceed n`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason
