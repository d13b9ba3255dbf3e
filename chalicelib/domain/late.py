"""How late an event may be told: what is older stays as it is."""

from chalicelib.domain.instant import DAY, HOUR

LATE_FROM_BROWSERS = DAY
LATE_FROM_SERVERS = 7 * DAY

SETTLED_AFTER = LATE_FROM_SERVERS + HOUR
"""With an hour for clocks that differ."""
