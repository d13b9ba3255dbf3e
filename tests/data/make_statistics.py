"""Writes statistics.json: requests and what is true of them, worked out with 50 digits by mpmath.

Run it from the root of the project: `python tests/data/make_statistics.py`. It shares no code with
chalicelib/stats: every formula is written out again from its definition.
"""

import json
import random
from fractions import Fraction
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60
ALPHA = mp.mpf(1) / 20
GROWTH = mp.mpf(1) / 5
"""y at label 1, which a request without days has."""
# Between these points ln of the level is linear in ln of the mixture's own (verdict rules, section 3).
SIZES = [
    ("1e-12", "1.7583e-13"), ("1e-8", "2.4795e-9"), ("1e-6", "3.0154e-7"), ("1e-5", "3.3566e-6"),
    ("1e-4", "3.7697e-5"), ("3e-4", "1.2002e-4"), ("0.001", "4.2877e-4"), ("0.002", "8.9457e-4"),
    ("0.005", "0.0023735"), ("0.01", "0.0049842"), ("0.02", "0.010517"), ("0.03", "0.016330"),
    ("0.05", "0.028573"), ("0.08", "0.048161"), ("0.1", "0.061922"), ("0.15", "0.098530"),
    ("0.2", "0.13806"), ("0.3", "0.22523"), ("0.5", "0.42708"), ("0.7", "0.65020"), ("0.9", "0.85905"),
    ("1", "1"),
]  # fmt: skip


def main():
    rng = random.Random(20240229)
    cases = [rate_case(name, *arms) for name, arms in RATES.items()]
    cases += [rate_case(f"rates {i}", *random_rates(rng)) for i in range(40)]
    cases += [mean_case(name, *arms) for name, arms in MEANS.items()]
    cases += [mean_case(f"means {i}", *random_means(rng)) for i in range(40)]
    cases += [many_rates(f"arms of rates {i}", rng) for i in range(12)]
    cases += [many_means(f"arms of means {i}", rng) for i in range(12)]
    cases += [ratio_case(f"ratio {i}", rng) for i in range(20)]
    cases += [cuped_case(f"cuped {i}", rng) for i in range(20)]
    cases += [weights_case(f"weights {i}", rng) for i in range(12)]
    path = Path(__file__).with_name("statistics.json")
    path.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")


RATES = {
    "p far below the smallest float": [(10**6, 100_000), (10**6, 130_000)],
    "p about 1e-400": [(10**5, 20_000), (10**5, 27_500)],
    "counts of a million million": [(10**12, 123_456_789_012), (10**12 - 7, 123_457_789_012)],
    "a million million, one conversion apart": [(10**12, 5 * 10**11), (10**12, 5 * 10**11 + 1)],
    "nobody in control": [(1000, 0), (1000, 5)],
    "everybody in control": [(1000, 1000), (1000, 995)],
    "rare": [(10**9, 40), (10**9, 60)],
}
MEANS = {
    "a million million, give or take one": [
        (1000, 10**15 + 3, 10**27 + 6 * 10**12 + 1000),
        (1000, 10**15 + 203, 10**27 + 406 * 10**12 + 1050),
    ],
    "1e9 give or take one": [
        (200, 2 * 10**11, 200 * 10**18 + 200),
        (200, 2 * 10**11 + 110, 200 * 10**18 + 220 * 10**9 + 240),
    ],
    "p far below the smallest float": [(10**5, 10**6, 2 * 10**7), (10**5, 12 * 10**5, 24 * 10**6)],
    "cents": [(10, Fraction("23.3"), Fraction("90.37")), (12, Fraction("31.25"), Fraction("101.0625"))],
}


def random_rates(rng):
    arms = []
    rate = 10 ** rng.uniform(-3, -0.1)
    for _ in range(2):
        n = int(10 ** rng.uniform(1.5, 7))
        arms.append((n, min(n, max(1, int(n * rate * rng.uniform(0.7, 1.3))))))
    return arms


def random_means(rng):
    shift, spread = 10 ** rng.randrange(0, 9), rng.randrange(2, 500)
    arms = []
    for _ in range(2):
        values = [
            Fraction(shift * 100 + rng.randrange(-spread, spread), 100) for _ in range(rng.randrange(5, 150))
        ]
        arms.append((len(values), sum(values), sum(v * v for v in values)))
    return arms


def exact(value):
    value = Fraction(value)
    return mp.mpf(value.numerator) / value.denominator


def text(value):
    value = Fraction(value)
    return value.numerator if value.denominator == 1 else str(value)


def entry(value, scale=None):
    """[the value, the size that an error is measured against]"""
    size = abs(value) if scale is None else abs(scale)
    return [mp.nstr(value, 25), mp.nstr(size, 8)]


def log10(p):
    return entry(mp.log10(p))


def z_of(alpha):
    return mp.sqrt(2) * mp.erfinv(1 - alpha)


def normal_tail(z):
    return mp.erfc(abs(z) / mp.sqrt(2))


def chi_square_tail(x, df):
    """Q(a + 1, y) = Q(a, y) + y^a e^−y/Γ(a + 1), from Q(½, y) = erfc √y or Q(1, y) = e^−y."""
    y = x / 2
    a, tail = (mp.mpf(1) / 2, mp.erfc(mp.sqrt(y))) if df % 2 else (mp.mpf(1), mp.exp(-y))
    while a < mp.mpf(df) / 2:
        tail += mp.power(y, a) * mp.exp(-y) / mp.gamma(a + 1)
        a += 1
    return tail


def beta_tail(a, b, odds):
    """I_x(a, b) with x = 1/(1 + odds): the classical continued fraction, or the series of the other end."""
    x, y = 1 / (1 + odds), odds / (1 + odds)
    front = mp.power(x, a) * mp.power(y, b) / mp.beta(a, b)
    if x > (a + 1) / (a + b + 2):
        return 1 - front / b * mp.hyp2f1(a + b, 1, b + 1, y)
    fraction = mp.mpf(1)
    for m in range(600, 0, -1):
        k = m // 2
        step = -(a + k) * (a + b + k) if m % 2 else k * (b - k)
        fraction = 1 + step * x / ((a + m - 1) * (a + m)) / fraction
    return front / a / fraction


def student_tail(t, df):
    return beta_tail(df / 2, mp.mpf(1) / 2, t * t / df)


def student_quantile(alpha, df):
    start = z_of(alpha) * (1 + (z_of(alpha) ** 2 + 1) / (4 * df))
    return mp.findroot(lambda t: student_tail(t, df) - alpha, start, tol=mp.mpf(10) ** -30)


def interpolated(value, source, target):
    """ln of the other figure, linear between the points, of slope 1 below them."""
    if value <= source[0]:
        return target[0] + value - source[0]
    for i in range(1, len(source)):
        if value <= source[i]:
            share = (value - source[i - 1]) / (source[i] - source[i - 1])
            return target[i - 1] + share * (target[i] - target[i - 1])
    return target[-1]


LOG_RAW = [mp.log(mp.mpf(raw)) for raw, _ in SIZES]
LOG_SIZE = [mp.log(mp.mpf(size)) for _, size in SIZES]


def sequence(difference, variance, clock):
    """z, the clock, and what the daily confidence sequence makes of a first day."""
    z = difference / mp.sqrt(variance)
    return {"sequential.z": entry(z, 1 + abs(z)), "sequential.clock": entry(clock)}


def rate_sequence(x1, n1, x2, n2):
    n, x = mp.mpf(n1 + n2), mp.mpf(x1 + x2)
    if min(n1, n2) < 30 or min(n1, n2) * min(x, n - x) < 5 * n:
        return {}
    d, variance = mp.mpf(x2) / n2 - mp.mpf(x1) / n1, x * (n - x) / n / n1 / n2
    z = d / mp.sqrt(variance)
    raw = min(mp.mpf(0), mp.log(1 + GROWTH) / 2 - z * z * GROWTH / (2 * (1 + GROWTH)))
    log_p = min(mp.mpf(0), interpolated(raw, LOG_RAW, LOG_SIZE) - mp.log(mp.mpf(99) / 100))
    own = interpolated(mp.log(ALPHA * 99 / 100), LOG_SIZE, LOG_RAW)
    b = mp.sqrt((1 + 1 / GROWTH) * (mp.log(1 + GROWTH) - 2 * own))
    low, high = mee(x1, n1, x2, n2, b)
    found = {
        **sequence(d, variance, mp.mpf(n1) * n2 / n * x / (n - x)),
        "sequential.z_boundary": entry(b),
        "sequential.log10_p": entry(log_p / mp.log(10), 1 + abs(log_p)),
        "sequential.ci_low": entry(low, high - low),
        "sequential.ci_high": entry(high, high - low),
    }
    if x1 and x2:
        low, high = relative(x1, n1, x2, n2, b)
        found["sequential.lift_ci_low"] = entry(low, 1 + abs(low))
        found["sequential.lift_ci_high"] = entry(high, 1 + abs(high))
    return found


def bisected(inside, outside, beyond):
    for _ in range(190):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if beyond(middle) else (middle, outside)
    return (inside + outside) / 2


def mee(x1, n1, x2, n2, b):
    """All δ with |d − δ| < b·√V(δ), V at the likeliest rates with p2 = p1 + δ, by bisection throughout."""
    d = mp.mpf(x2) / n2 - mp.mpf(x1) / n1

    def beyond(delta):
        def falling(p):
            q = p + delta
            slope = (x1 - n1 * p) * q * (1 - q) + (x2 - n2 * q) * p * (1 - p)
            return slope < 0

        p = bisected(max(mp.mpf(0), -delta), min(mp.mpf(1), 1 - delta), falling)
        q = p + delta
        return abs(d - delta) >= b * mp.sqrt(p * (1 - p) / n1 + q * (1 - q) / n2)

    return bisected(d, mp.mpf(-1), beyond), bisected(d, mp.mpf(1), beyond)


def relative(x1, n1, x2, n2, b):
    def beyond(change):
        ratio = 1 + change
        p1 = mp.mpf(x1 + x2) / (n1 + ratio * n2)
        p2 = ratio * p1
        variance = p2 * (1 - p2) / n2 + ratio**2 * p1 * (1 - p1) / n1
        return abs(ratio * x1 / n1 - mp.mpf(x2) / n2) >= b * mp.sqrt(max(variance, mp.mpf(0)))

    lift = mp.mpf(x2) * n1 / n2 / x1 - 1
    return bisected(lift, mp.mpf(-1), beyond), bisected(lift, mp.mpf(1000), beyond)


def tails(prefix, p):
    found = {f"{prefix}.log10_p": log10(p)}
    if p > mp.mpf(10) ** -290:
        found[f"{prefix}.p_value"] = entry(p)
    return found


def gaussian(difference, square):
    sd, u = mp.sqrt(square), difference / mp.sqrt(square)
    density = mp.exp(-u * u / 2) / mp.sqrt(2 * mp.pi)
    found = {
        "bayesian.chance_to_beat_control": entry(mp.ncdf(u)),
        "bayesian.expected_loss_choose_treatment": entry(sd * density - difference * mp.ncdf(-u)),
        "bayesian.expected_loss_choose_control": entry(sd * density + difference * mp.ncdf(u)),
    }
    return {key: value for key, value in found.items() if mp.mpf(value[0]) > mp.mpf(10) ** -290}


def betabinomial(x1, n1, x2, n2):
    a1, b1, a2, b2 = 1 + x1, 1 + n1 - x1, 1 + x2, 1 + n2 - x2
    chance = beta_above(a1, b1, a2, b2)
    rise = rise_of(a1, b1, a2, b2)
    fall = rise_of(a2, b2, a1, b1)
    return {
        "bayesian.chance_to_beat_control": entry(chance),
        "bayesian.expected_loss_choose_control": entry(rise),
        "bayesian.expected_loss_choose_treatment": entry(fall),
    }


def beta_above(a1, b1, a2, b2):
    """P(p2 > p1) by Evan Miller's sum."""
    term = mp.exp(log_beta(a1, b1 + b2) - log_beta(a1, b1))
    total = term
    for i in range(a2 - 1):
        term *= mp.mpf((a1 + i) * (b2 + i)) / ((a1 + b1 + b2 + i) * (1 + i))
        total += term
    return total


def rise_of(a1, b1, a2, b2):
    """E[max(0, p2 − p1)] = E[p2]·P(p2⁺ > p1) − E[p1]·P(p2 > p1⁺)."""
    above = mp.mpf(a2) / (a2 + b2) * beta_above(a1, b1, a2 + 1, b2)
    return above - mp.mpf(a1) / (a1 + b1) * beta_above(a1 + 1, b1, a2, b2)


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def wilson(x, n):
    z, p = z_of(ALPHA), mp.mpf(x) / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * mp.sqrt(p * (1 - p) / n + z * z / (4 * mp.mpf(n) ** 2))
    return middle - half, middle + half


def rate_case(name, one, two):
    (n1, x1), (n2, x2) = one, two
    p1, p2, z = mp.mpf(x1) / n1, mp.mpf(x2) / n2, z_of(ALPHA)
    d, n, x = p2 - p1, mp.mpf(n1 + n2), mp.mpf(x1 + x2)
    cross = mp.mpf(x2 * (n1 - x1) - x1 * (n2 - x2))
    margins = mp.mpf(n1) * n2 * x * (n - x)
    chi2 = n * cross**2 / margins
    yates = n * max(mp.mpf(0), abs(cross) - n / 2) ** 2 / margins
    (l1, u1), (l2, u2) = wilson(x1, n1), wilson(x2, n2)
    down, up = mp.hypot(p2 - l2, u1 - p1), mp.hypot(u2 - p2, p1 - l1)
    square = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    pooled = x / n * (1 - x / n) * (mp.mpf(1) / n1 + mp.mpf(1) / n2)
    used = pooled if {0, 1} & {p1, p2} else square
    expected = {
        "difference.estimate": entry(d),
        "difference.std_error": entry(mp.sqrt(square)),
        "difference.ci_low": entry(d - down, abs(d) + down),
        "difference.ci_high": entry(d + up, abs(d) + up),
        "fixed_horizon.statistic": entry(chi2),
        "fixed_horizon.confidence_percent": entry((1 - normal_tail(mp.sqrt(chi2))) * 100, mp.mpf(100)),
        **tails("fixed_horizon", normal_tail(mp.sqrt(chi2))),
        **rate_sequence(x1, n1, x2, n2),
    }
    if normal_tail(mp.sqrt(yates)) > mp.mpf(10) ** -290:
        expected["fixed_horizon.yates_p_value"] = entry(normal_tail(mp.sqrt(yates)))
    if x1 and x2:
        ratio, spread = p2 / p1, z * mp.sqrt((1 - p1) / x1 + (1 - p2) / x2)
        expected["lift.estimate"] = entry(d / p1)
        expected["lift.ci_low"] = entry(ratio * mp.exp(-spread) - 1, ratio + 1)
        expected["lift.ci_high"] = entry(ratio * mp.exp(spread) - 1, ratio * mp.exp(spread) + 1)
    small = max(min(1 + x2, 1 + n1 - x1), min(1 + x1, 1 + n2 - x2)) <= 100
    expected.update(betabinomial(x1, n1, x2, n2) if small else gaussian(d, used))
    arms = [{"key": "a", "n": n1, "conversions": x1}, {"key": "b", "n": n2, "conversions": x2}]
    return case(name, "conversion", arms, expected)


def mean_case(name, one, two):
    (n1, s1, _), (n2, s2, _) = one, two
    m1, m2 = exact(Fraction(s1) / n1), exact(Fraction(s2) / n2)
    d = exact(Fraction(s2) / n2 - Fraction(s1) / n1)
    v1, v2 = (exact((Fraction(q) - Fraction(s) ** 2 / n) / (n - 1)) for n, s, q in (one, two))
    df = mp.mpf(n1 + n2 - 2)
    se = mp.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df * (mp.mpf(1) / n1 + mp.mpf(1) / n2))
    a, b = v1 / n1, v2 / n2
    welch_df = (a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1))
    z, t = z_of(ALPHA), student_quantile(ALPHA, df)
    delta = z * mp.sqrt(b / m1**2 + a * m2**2 / m1**4)
    expected = {
        "difference.estimate": entry(d),
        "difference.std_error": entry(se),
        "difference.ci_low": entry(d - t * se, abs(d) + t * se),
        "difference.ci_high": entry(d + t * se, abs(d) + t * se),
        "lift.estimate": entry(d / m1),
        "lift.ci_low": entry(d / m1 - delta, abs(d / m1) + delta),
        "lift.ci_high": entry(d / m1 + delta, abs(d / m1) + delta),
        "fixed_horizon.statistic": entry(d / se),
        "fixed_horizon.df": entry(df),
        **tails("fixed_horizon", student_tail(d / se, df)),
        **mean_sequence(d, one, two),
        **gaussian(d, a + b),
    }
    welch = student_tail(d / mp.sqrt(a + b), welch_df)
    if welch > mp.mpf(10) ** -290:
        expected["fixed_horizon.welch_p_value"] = entry(welch)
    base = m1**2 - z * z * a
    if base > 0:
        root = z * mp.sqrt(b * m1**2 + a * m2**2 - z * z * a * b) / base
        middle = m1 * m2 / base - 1
        expected["lift.fieller_low"] = entry(middle - root, abs(d / m1) + root)
        expected["lift.fieller_high"] = entry(middle + root, abs(d / m1) + root)
    arms = [
        {"key": key, "n": n, "sum": text(s), "sum_squares": text(q)}
        for key, (n, s, q) in (("a", one), ("b", two))
    ]
    return case(name, "engagement", arms, expected)


def mean_sequence(d, one, two):
    (n1, *sums1), (n2, *sums2) = one, two
    if min(n1, n2) < 100 or any(Fraction(s) ** 2 <= 9 * Fraction(q) for s, q in (sums1, sums2)):
        return {}
    ss1, ss2 = (exact(Fraction(q) - Fraction(s) ** 2 / n) for n, s, q in (one, two))
    unpooled = ss1 / (n1 - 1) / n1 + ss2 / (n2 - 1) / n2
    pooled = (ss1 + ss2) / (n1 + n2 - 2) * (mp.mpf(1) / n1 + mp.mpf(1) / n2)
    clock = mp.mpf(n1) * n2 / (n1 + n2) * (ss1 + ss2) / (n1 + n2)
    return sequence(d, max(unpooled, pooled), clock)


def ratio_sequence(difference, unpooled, people):
    every = [pair for arm in people for pair in arm]
    n1, n2 = (len(arm) for arm in people)
    r = Fraction(sum(m for m, _ in every), sum(d for _, d in every))
    rest = sum((m - r * d) ** 2 for m, d in every)
    d1, d2 = (sum(d for _, d in arm) for arm in people)
    pooled = rest / (n1 + n2) * (Fraction(n1, d1**2) + Fraction(n2, d2**2))
    clock = Fraction(n1 * n2, (n1 + n2) ** 2) * rest
    enough = min(n1, n2) >= 100 and all(
        sum(d for _, d in a) ** 2 > 29 * sum(d * d for _, d in a) for a in people
    )
    return sequence(exact(difference), exact(max(unpooled, pooled)), exact(clock)) if enough else {}


def many_rates(name, rng):
    arms = [random_rates(rng)[0] for _ in range(rng.randrange(3, 6))]
    n, x = sum(n for n, _ in arms), sum(x for _, x in arms)
    chi2 = mp.fsum(
        exact((Fraction(o) - Fraction(k * side, n)) ** 2 / Fraction(k * side, n))
        for k, hits in arms
        for o, side in ((hits, x), (k - hits, n - x))
    )
    df = len(arms) - 1
    p = chi_square_tail(chi2, df)
    expected = {"omnibus.statistic": entry(chi2), "omnibus.df": entry(mp.mpf(df)), **tails("omnibus", p)}
    rows = [{"key": str(i), "n": k, "conversions": hits} for i, (k, hits) in enumerate(arms)]
    return case(name, "conversion", rows, expected)


def many_means(name, rng):
    arms = [random_means(random.Random(rng.randrange(9)))[0] for _ in range(rng.randrange(3, 6))]
    n, total = sum(a[0] for a in arms), sum(a[1] for a in arms)
    between = sum(k * (s / k - total / n) ** 2 for k, s, _ in arms)
    within = sum(q - s * s / k for k, s, q in arms)
    df1, df2 = len(arms) - 1, n - len(arms)
    f = exact(between / df1 / (within / df2))
    p = beta_tail(mp.mpf(df2) / 2, mp.mpf(df1) / 2, df1 * f / df2)
    expected = {"omnibus.statistic": entry(f), **tails("omnibus", p)}
    rows = [
        {"key": str(i), "n": k, "sum": text(s), "sum_squares": text(q)} for i, (k, s, q) in enumerate(arms)
    ]
    return case(name, "engagement", rows, expected)


def ratio_case(name, rng):
    arms, figures, people = [], [], []
    for key in "ab":
        n = rng.randrange(10, 300)
        views = [rng.randrange(1, 30) for _ in range(n)]
        clicks = [rng.randrange(0, v + 1) for v in views]
        people.append(list(zip(clicks, views, strict=True)))
        m, d = Fraction(sum(clicks), n), Fraction(sum(views), n)
        vm = sum((c - m) ** 2 for c in clicks) / Fraction(n - 1)
        vd = sum((v - d) ** 2 for v in views) / Fraction(n - 1)
        cov = sum((c - m) * (v - d) for c, v in zip(clicks, views, strict=True)) / Fraction(n - 1)
        figures.append((n, m / d, (vm / d**2 - 2 * cov * m / d**3 + m**2 * vd / d**4) / n))
        arms.append(
            {
                "key": key,
                "n": n,
                "numerator_sum": sum(clicks),
                "numerator_sum_squares": sum(c * c for c in clicks),
                "denominator_sum": sum(views),
                "denominator_sum_squares": sum(v * v for v in views),
                "sum_products": sum(c * v for c, v in zip(clicks, views, strict=True)),
            }
        )
    (n1, r1, a), (n2, r2, b) = figures
    df = exact((a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1)))
    t = exact(r2 - r1) / mp.sqrt(exact(a + b))
    expected = {
        "difference.estimate": entry(exact(r2 - r1)),
        "difference.std_error": entry(mp.sqrt(exact(a + b))),
        "fixed_horizon.df": entry(df),
        **tails("fixed_horizon", student_tail(t, df)),
        **ratio_sequence(r2 - r1, a + b, people),
    }
    return case(name, "ratio", arms, expected)


def cuped_case(name, rng):
    arms, people = [], []
    for key in "ab":
        n = rng.randrange(20, 200)
        before = [rng.randrange(0, 100) for _ in range(n)]
        after = [Fraction(3 * x + rng.randrange(0, 200) + (key == "b") * 10, 4) for x in before]
        people.append((before, after))
        arms.append(
            {
                "key": key,
                "n": n,
                "sum": text(sum(after)),
                "sum_squares": text(sum(y * y for y in after)),
                "pre_sum": sum(before),
                "pre_sum_squares": sum(x * x for x in before),
                "sum_post_pre": text(sum(x * y for x, y in zip(before, after, strict=True))),
            }
        )
    every = [(x, y) for before, after in people for x, y in zip(before, after, strict=True)]
    gx, gy = Fraction(sum(x for x, _ in every), len(every)), Fraction(sum(y for _, y in every)) / len(every)
    theta = sum((x - gx) * (y - gy) for x, y in every) / sum((x - gx) ** 2 for x, _ in every)
    adjusted = [[y - theta * (x - gx) for x, y in zip(*pair, strict=True)] for pair in people]
    (n1, m1, a), (n2, m2, b) = (moments(values) for values in adjusted)
    plain = sum(moments(after)[2] for _, after in people)
    df = exact((a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1)))
    t = exact(m2 - m1) / mp.sqrt(exact(a + b))
    expected = {
        "cuped.theta": entry(exact(theta)),
        "cuped.estimate": entry(exact(m2 - m1)),
        "cuped.std_error": entry(mp.sqrt(exact(a + b))),
        "cuped.df": entry(df),
        "cuped.variance_reduction": entry(1 - exact((a + b) / plain), mp.mpf(1)),
        **tails("cuped", student_tail(t, df)),
    }
    return case(name, "engagement", arms, expected)


def moments(values):
    """n, mean, variance of the mean."""
    n = len(values)
    mean = Fraction(sum(values)) / n
    return n, mean, sum((v - mean) ** 2 for v in values) / Fraction(n - 1) / n


def weights_case(name, rng):
    weights = [Fraction(rng.randrange(1, 10), 10) for _ in range(rng.randrange(2, 5))]
    counts = [int(10**5 * w * Fraction(rng.randrange(990, 1010), 1000)) for w in weights]
    total = sum(counts)
    expected_counts = [w / sum(weights) * total for w in weights]
    chi2 = exact(sum((o - e) ** 2 / e for o, e in zip(counts, expected_counts, strict=True)))
    p = chi_square_tail(chi2, len(weights) - 1)
    arms = [{"key": str(i), "n": n, "conversions": 10} for i, n in enumerate(counts)]
    kappa = 1000
    log_e = mp.loggamma(kappa) - mp.loggamma(kappa + total)
    for n, weight in zip(counts, weights, strict=True):
        share = exact(weight / sum(weights))
        log_e += mp.loggamma(kappa * share + n) - mp.loggamma(kappa * share) - n * mp.log(share)
    srm = {"srm.chi2": entry(chi2), **tails("srm", p), "srm.log_e_value": entry(log_e, total * 100)}
    found = case(name, "conversion", arms, srm)
    found["request"]["weights"] = {str(i): str(w) for i, w in enumerate(weights)}
    return found


def case(name, kind, arms, expected):
    return {
        "name": name,
        "request": {"goals": [{"key": "g", "type": kind, "arms": arms}]},
        "expected": expected,
    }


if __name__ == "__main__":
    main()
