"""What the recount behind a report cost to read."""

from typing import Any

READ_UNIT_DOLLARS = 0.125e-6
"""A read unit of DynamoDB on demand, us-east-1; infra/aws/prices.py says of when."""

DOCUMENT_BYTES = 336
"""Of a visitor with three experiments and a goal, measured by bench/cost_inputs.py."""

_BYTES_OF_HALF_A_UNIT = 4096


def cost_of(documents: int) -> dict[str, Any]:
    """The `cost` block: all documents read once, for all reports of that run together.

    An estimate from the number of documents: half a read unit for each 4 KB, as scans are billed.
    """
    read_units = round(documents * DOCUMENT_BYTES / _BYTES_OF_HALF_A_UNIT / 2, 3)
    dollars = round(read_units * READ_UNIT_DOLLARS, 9)
    return {"documents": documents, "read_units": read_units, "dollars": dollars, "estimated": True}
