"""Bayes: the exact model, its interval, priors, and where each model is used."""

import mpmath as mp
import pytest
from mpmath import mpf

from tests.stats.requests import comparison, rates


def bayesian(*arms, **goal):
    return comparison(rates(*arms, **goal))["bayesian"]


def below(d, x1, n1, x2, n2):
    """P(p2 − p1 ≤ d) by quadrature."""
    a1, b1, a2, b2 = 1 + x1, 1 + n1 - x1, 1 + x2, 1 + n2 - x2

    def integrand(p):
        density = p ** (a1 - 1) * (1 - p) ** (b1 - 1) / mp.beta(a1, b1)
        return density * mp.betainc(a2, b2, 0, min(max(p + d, mpf(0)), mpf(1)), regularized=True)

    kinks = {min(max(edge, mpf(0)), mpf(1)) for edge in (-d, 1 - d)}
    edges = {mpf(0), mpf(1), mpf(a1) / (a1 + b1)} | kinks
    return mp.quad(integrand, sorted(edges))


@pytest.mark.parametrize("counts", [(3, 20, 6, 30), (0, 12, 0, 40), (1, 60, 25, 50), (40, 41, 30, 31)])
def test_the_credible_interval_holds_95_percent_of_the_posterior(counts):
    x1, n1, x2, n2 = counts
    found = bayesian((n1, x1), (n2, x2))

    assert found["model"] == "beta_binomial"
    assert below(mpf(found["credible_low"]), *counts) == pytest.approx(0.025, abs=1e-9)
    assert below(mpf(found["credible_high"]), *counts) == pytest.approx(0.975, abs=1e-9)


def test_the_losses_differ_by_the_difference_of_the_posterior_means():
    found = bayesian((100, 10), (80, 14))
    gap = found["expected_loss_choose_control"] - found["expected_loss_choose_treatment"]

    assert gap == pytest.approx(15 / 82 - 11 / 102, rel=1e-12)


def test_large_counts_use_the_gaussian_effect():
    assert bayesian((10_000, 1000), (10_000, 1050))["model"] == "gaussian"


def test_a_proper_prior_is_weighted_by_its_precision():
    flat = bayesian((10_000, 1000), (10_000, 1100))
    tight = bayesian((10_000, 1000), (10_000, 1100), prior={"mean": 0, "sd": "1e-6", "proper": True})

    assert flat["credible_low"] > 0
    assert abs(tight["credible_high"]) < 1e-5


def test_a_relative_prior_is_put_on_the_scale_of_the_difference():
    relative = {"mean": "0.1", "sd": "1e-7", "proper": True, "type": "relative"}
    found = bayesian((10_000, 1000), (10_000, 1000), prior=relative)

    assert found["credible_low"] == pytest.approx(0.01, rel=1e-4)


def test_an_empty_arm_has_no_posterior():
    found = bayesian((0, 0), (10, 3))

    assert found["chance_to_beat_control"] is None
