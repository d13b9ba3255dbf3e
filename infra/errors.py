"""What can go wrong in a command: the user is told in one line.

InfraError
├── PackageError    a build does not hold what it must
├── StackError      CloudFormation refused or failed
├── AccountError    no credentials, no such region, or AWS refused
└── EmulatorError   the emulator did not start or died
"""


class InfraError(Exception):
    """Shown on stderr without a traceback; the command exits with 1."""


class PackageError(InfraError):
    pass


class StackError(InfraError):
    pass


class AccountError(InfraError):
    pass


class EmulatorError(InfraError):
    pass
