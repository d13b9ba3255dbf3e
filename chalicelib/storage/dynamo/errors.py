"""What DynamoDB's errors mean: the one place where they become errors of the domain.

`translated` does it for every method of a store, so that no method can forget it. A method that
must know whether its own condition failed asks with `translating` and catches ConditionFailed.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
)
from pynamodb.exceptions import GetError, PutError, PynamoDBException

from chalicelib.domain.errors import Conflict, LeansplitError, NotStorable, Unavailable

_T = TypeVar("_T")

_CONDITION = frozenset({"ConditionalCheckFailed"})
_CONFLICTS = frozenset({"TransactionConflict", "TransactionInProgress", "ReplicatedWriteConflict"})
_BUSY = frozenset(
    {"ProvisionedThroughputExceeded", "ThrottlingError", "Throttling", "Throttled", "RequestThrottled"}
    | {"RequestLimitExceeded", "TooManyRequests", "BandwidthLimitExceeded", "PriorRequestNotComplete"}
    | {"InternalServerError", "InternalFailure", "InternalError", "ServiceUnavailable", "SlowDown"}
    | {"RequestTimeout", "LimitExceeded"}
)
_INVALID = frozenset(
    {"Validation", "ValidationError", "Serialization", "ItemCollectionSizeLimitExceeded"}
    | {"TransactionCanceledValidation"}
)
_NOT_REACHED = (HTTPClientError, ConnectionError, IncompleteReadError, ChecksumError)
_CANCELLED = "TransactionCanceled"
_SERVER_ERROR = 500


class ConditionFailed(Conflict):
    """What a write expects to find is not there: not busy, but changed or gone."""


def translated(store: type[_T]) -> type[_T]:
    """The same class, whose public methods raise the domain's errors in place of DynamoDB's."""
    for name in dir(store):
        method = inspect.getattr_static(store, name)
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(store, name, _translated(method))
    return store


@contextmanager
def translating() -> Iterator[None]:
    """The same for a few lines."""
    try:
        yield
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        meaning = meaning_of(error)
        if meaning is None:
            raise
        raise meaning from error


def meaning_of(error: Exception) -> LeansplitError | None:
    """None for what is nobody's fault but ours: a missing right, a missing table.

    A transaction is cancelled for the sake of all its reasons. A condition that failed is a fact
    whatever else went wrong; a conflict is worth another try at once, a busy store later.
    """
    codes = _codes_of(error)
    if codes & _CONDITION:
        return ConditionFailed("it was changed by somebody else meanwhile")
    if codes & _CONFLICTS:
        return Conflict("others write the same at this moment")
    if codes & _BUSY or _is_out_of_reach(error):
        return Unavailable()
    if codes & _INVALID:
        return NotStorable(_message_of(error))
    return None


def _translated(method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(method):

        @wraps(method)
        def generated(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with translating():
                yield from method(*args, **kwargs)

        return generated

    @wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        with translating():
            return method(*args, **kwargs)

    return called


def _codes_of(error: Exception) -> set[str]:
    """Without "Exception" at their end: a transaction's reasons are written without it."""
    found = set()
    for each in _causes(error):
        if isinstance(each, ClientError):
            code = str(each.response.get("Error", {}).get("Code", ""))
            reasons = each.response.get("CancellationReasons") or []
            found |= {code, *(str(reason.get("Code")) for reason in reasons)}
            if code.startswith(_CANCELLED) and not reasons:
                # The message lists them too: "… reasons [None, ConditionalCheckFailed]".
                found |= set(re.findall(r"\w+", _message_of(error).partition("[")[2]))
    return {code.removesuffix("Exception") for code in found}


def _is_out_of_reach(error: Exception) -> bool:
    """No answer, an answer of the kind 5xx, or items that a batch could not place after its retries."""
    for each in _causes(error):
        if isinstance(each, _NOT_REACHED):
            return True
        if isinstance(each, ClientError):
            status = each.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= _SERVER_ERROR:
                return True
    return isinstance(error, PutError | GetError) and error.cause is None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """PynamoDB keeps botocore's error as the cause of the cause of its own."""
    following: BaseException | None = error
    while following is not None:
        yield following
        following = following.__cause__ or getattr(following, "cause", None)


def _message_of(error: Exception) -> str:
    found = [each for each in _causes(error) if isinstance(each, ClientError)]
    return str(found[-1].response.get("Error", {}).get("Message", "")) if found else str(error)
