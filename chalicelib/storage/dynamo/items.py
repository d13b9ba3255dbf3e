"""The items of both tables, as PynamoDB reads and writes them."""

from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.domain.instant import SECOND, Instant

RETRIES = 5
"""How often PynamoDB asks again what DynamoDB did not take."""


def expiry(at: Instant) -> int:
    """In whole seconds, which DynamoDB's time to live wants, and never too early."""
    return -(-at // SECOND)


class VisitorItem(Model):
    """A visitor's document. `expires_at` is an `expiry`."""

    class Meta:
        """The table is bound by `bound_to`."""

        table_name = "visitors"

    id = UnicodeAttribute(hash_key=True)
    body = UnicodeAttribute()
    version = NumberAttribute()
    expires_at = NumberAttribute()


class LeansplitItem(Model):
    """Whatever `keys.py` names: text under a version, a packed report, or a count."""

    class Meta:
        """The table is bound by `bound_to`."""

        table_name = "leansplit"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    version = NumberAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    provisional = BooleanAttribute(null=True)
    counted_at = NumberAttribute(null=True)
    failed = BooleanAttribute(null=True)
    amount = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)


def bound_to(model: type[Model], table: str) -> Any:
    """The same items in the table of that name."""
    meta = type("Meta", (), {"table_name": table, "max_retry_attempts": RETRIES, "read_timeout_seconds": 10})
    return type(model.__name__, (model,), {"Meta": meta})
