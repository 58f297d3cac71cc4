"""New moons and the sun's place in the sky, precise enough to name the day of either.

Formulas: Jean Meeus, Astronomical Algorithms (2nd ed.), chapters 49 (new moon, within about 20
seconds) and 25 (apparent longitude of the sun, within 0.01 degree); dynamical time against clocks:
the polynomials of Espenak and Meeus (NASA). Times are Julian Days; angles degrees.
"""

from __future__ import annotations

from math import radians, sin

_MOON_TERMS: tuple[tuple[float, int, int, int, int], ...] = (
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2), (-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0),
)  # fmt: skip
"""(days, power of the eccentricity factor, multiples of the sun's and the moon's mean anomaly and
of the moon's argument of latitude)."""
_PLANET_TERMS = (
    (0.000325, 299.77, 0.107408), (0.000165, 251.88, 0.016321), (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478), (0.000110, 84.66, 18.206239), (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732), (0.000056, 154.84, 7.306860), (0.000047, 34.52, 27.261239),
    (0.000042, 207.19, 0.121824), (0.000040, 291.34, 1.844379), (0.000037, 161.72, 24.198154),
    (0.000035, 239.56, 25.513099), (0.000023, 331.55, 3.592518),
)  # fmt: skip

SYNODIC_MONTH = 29.530588861
FIRST_NEW_MOON = 2451550.09766
"""Number 0: 6 January 2000."""


def new_moon(number: int) -> float:
    """The Julian Day (universal time) of the new moon counted from January 2000."""
    k = float(number)
    t = k / 1236.85
    factor = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t**2 - 0.00000011 * t**3
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t**2 + 0.00001238 * t**3
    latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t**2 - 0.00000227 * t**3
    node = 124.7746 - 1.56375588 * k + 0.0020672 * t**2 + 0.00000215 * t**3
    mean = FIRST_NEW_MOON + SYNODIC_MONTH * k + 0.00015437 * t**2 - 0.00000015 * t**3
    turns = sum(
        size * factor**power * _sin(a * sun + b * moon + c * latitude)
        for size, power, a, b, c in _MOON_TERMS
    )
    planets = sum(size * _sin(angle + pace * k) for size, angle, pace in _PLANET_TERMS)
    dynamical = mean + turns + planets - 0.00017 * _sin(node)
    return dynamical - _clock_lag(dynamical)


def sun_longitude(day: float) -> float:
    """The sun's apparent longitude, 0 at the spring equinox; `day` in universal time."""
    t = (day + _clock_lag(day) - 2451545.0) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t**2
    anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t**2
    centre = (
        (1.914602 - 0.004817 * t - 0.000014 * t**2) * _sin(anomaly)
        + (0.019993 - 0.000101 * t) * _sin(2 * anomaly)
        + 0.000289 * _sin(3 * anomaly)
    )
    return (mean + centre - 0.00569 - 0.00478 * _sin(125.04 - 1934.136 * t)) % 360


def _sin(degrees: float) -> float:
    return sin(radians(degrees))


_LAG = (
    (1920, 1900, (-2.79, 1.494119, -0.0598939, 0.0061966, -0.000197)),
    (1941, 1920, (21.20, 0.84493, -0.076100, 0.0020936)),
    (1961, 1950, (29.07, 0.407, -1 / 233, 1 / 2547)),
    (1986, 1975, (45.45, 1.067, -1 / 260, -1 / 718)),
    (2005, 2000, (63.86, 0.3345, -0.060374, 0.0017275, 0.000651814, 0.00002373599)),
    (2050, 2000, (62.92, 0.32217, 0.005589)),
)


def _clock_lag(day: float) -> float:
    """By how many days clocks (universal time) are behind dynamical time."""
    year = 2000 + (day - 2451545.0) / 365.25
    for before, origin, terms in _LAG:
        if year < before:
            return sum(c * (year - origin) ** n for n, c in enumerate(terms)) / 86400
    return (-20 + 32 * ((year - 1820) / 100) ** 2 - 0.5628 * (2150 - year)) / 86400
