"""Tails of t, F and chi-square, by value and by logarithm, on wide grids."""

import mpmath as mp
import numpy as np
import pytest

from chalicelib.stats.distributions import chi_square, fisher_f, noncentral_t, normal, student
from tests.stats.distributions import tails

pytestmark = pytest.mark.filterwarnings("ignore:divide by zero")


def one(value):
    return np.array([float(value)])


def off(found, truth):
    return abs(mp.mpf(float(found[0])) - truth) / abs(truth)


@pytest.mark.parametrize("df", [1, 2.5, 18, 151.7, 1e4, 1e8, 1e12])
@pytest.mark.parametrize("t", [2.0, 5.0, 17.0, 36.0, 60.0, 500.0])
def test_students_tail(t, df):
    truth = tails.beta(mp.mpf(df) / 2, 0.5, mp.mpf(t) ** 2 / mp.mpf(df))

    assert off(student.log10_two_sided(one(t), one(df)), mp.log10(truth)) < 1e-12
    if truth > mp.mpf(10) ** -290:
        assert off(student.two_sided(one(t), one(df)), truth) < 1e-12


@pytest.mark.parametrize("t", [1e-9, 1e-4, 0.3])
def test_students_logarithm_near_the_middle(t):
    truth = 1 - 2 * mp.atan(mp.mpf(t)) / mp.pi

    assert off(student.log10_two_sided(one(t), one(1)), mp.log10(truth)) < 1e-12


@pytest.mark.parametrize(("df1", "df2"), [(2, 5), (3, 40.0), (4, 1e4), (9, 1e7), (3, 1e12)])
@pytest.mark.parametrize("f", [3.0, 30.0, 180.0, 2000.0])
def test_fishers_tail(df1, df2, f):
    truth = tails.beta(mp.mpf(df2) / 2, mp.mpf(df1) / 2, mp.mpf(df1) * f / mp.mpf(df2))

    assert off(fisher_f.log10_survival(one(df1), one(df2), one(f)), mp.log10(truth)) < 1e-12
    if truth > mp.mpf(10) ** -290:
        assert off(fisher_f.survival(one(df1), one(df2), one(f)), truth) < 1e-12


@pytest.mark.parametrize("df", [1, 2, 3, 8])
@pytest.mark.parametrize("x", [1e-6, 0.5, 40.0, 599.0, 601.0, 1e5])
def test_chi_squares_tail(df, x):
    truth = mp.gammainc(mp.mpf(df) / 2, mp.mpf(x) / 2, regularized=True)

    assert off(chi_square.log10_survival(one(df), one(x)), mp.log10(truth)) < 1e-12


@pytest.mark.parametrize("z", [1e-9, 0.4, 0.999, 1.001, 8.0, 38.0, 1e3])
def test_the_normal_tail(z):
    truth = mp.erfc(mp.mpf(z) / mp.sqrt(2))

    assert off(normal.log10_two_sided(one(z)), mp.log10(truth)) < 1e-12


@pytest.mark.parametrize(("shift", "df"), [(3.0, 2), (2.0, 38), (4.0, 199), (2.8, 201), (2.8, 10**6)])
def test_power_by_the_noncentral_t(shift, df):
    limit = mp.mpf(float(student.quantile(one(0.05), one(df))[0]))
    half = mp.mpf(df) / 2

    def integrand(s):
        density = mp.exp(
            (df - 1) * mp.log(s) - half * s * s + mp.log(2) + half * mp.log(half) - mp.loggamma(half)
        )
        return density * (mp.ncdf(shift - limit * s) + mp.ncdf(-shift - limit * s))

    width = 9 / mp.sqrt(2 * mp.mpf(df))
    low = max(mp.mpf(10) ** -20, 1 - width)
    truth = mp.quad(integrand, [low, (1 + low) / 2, 1, 1 + width / 3, 1 + width, 1 + 3 * width])

    assert off(noncentral_t.power(one(shift), one(df), one(0.05)), truth) < 1e-12
    assert off(noncentral_t.shift_for(one(truth), one(df), one(0.05)), mp.mpf(shift)) < 1e-11
