"""Unit prices in US dollars: the list prices of us-east-1, on demand, without tax or any agreement.

Written down by hand from the published lists and not fetched: compare them with AWS's price pages before
you rely on them. Who has other prices, or another region, changes them here. Monthly free amounts are not
subtracted, but for those named FREE.
"""

AS_OF = "2026-11-21"

MILLION = 1_000_000

LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
API_REQUEST = 3.50 / MILLION
"""REST API; the first 333 million of a month."""

DYNAMODB_WRITE_UNIT = 0.625 / MILLION
DYNAMODB_READ_UNIT = 0.125 / MILLION
DYNAMODB_GB_MONTH = 0.25
RECOVERY_GB_MONTH = 0.20
"""Point-in-time recovery."""

CLOUDFRONT_REQUEST = 0.0100 / 10_000
CLOUDFRONT_GB = 0.085
CLOUDFRONT_FREE_REQUESTS = 10 * MILLION
CLOUDFRONT_FREE_GB = 1_000

S3_GET = 0.0004 / 1_000
S3_PUT = 0.005 / 1_000
S3_GB_MONTH = 0.023
LOG_GB = 0.50
ALARM = 0.10
METRIC = 0.30
FREE_ALARMS = FREE_METRICS = 10

PEERS = {
    "Statsig": ("event", 50.0, 50.0),
    "PostHog flags": ("page view", 10.0, 100.0),
    "Unleash cloud": ("page view", 5.0, 5.0),
}
"""List prices a million: what is billed, the lowest and the highest step; their quotas not subtracted."""
