"""Tail probabilities with 40 digits, by other ways than the code under test."""

import mpmath as mp

mp.mp.dps = 40


def beta(a, b, odds):
    """I_x(a, b), x = 1/(1 + odds), by Euler's integral on a logarithmic scale of the integrand's variable."""
    a, b, odds = mp.mpf(a), mp.mpf(b), mp.mpf(odds)
    # With 1 − t = s/(1 + s): the integral of s^(b−1)(1 + s)^(−a−b) from odds on.
    front = mp.power(odds, b) * mp.power(1 + odds, -a - b)
    rate = (a + b) * odds / (1 + odds) - b
    width = 1 / max(rate, mp.mpf(1) / 4)

    def ratio(u):
        return mp.exp(u * b - (a + b) * mp.log1p(odds * mp.expm1(u) / (1 + odds)))

    return front / mp.beta(a, b) * mp.quad(ratio, [0, width, 4 * width, 16 * width, 64 * width, mp.inf])
