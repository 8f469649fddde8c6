# SPDX-License-Identifier: Apache-2.0
"""Writes tests/vectors/{philox,elementary,association_tests}.json: frozen numbers for both languages.

Truth comes from mpmath (50 digits). The bits of exp, log and erfc come from a second writing of the fixed sequences of
operations in this file, not from the library, and the bits of Philox from a second writing checked against the
published ones; only the key of a named stream (XXH3) is asked of the library.

Run it from the top of the repository, with mpmath and a built mlrepro: python tools/make_stats_vectors.py
"""

import json
import math
import random
import struct
from pathlib import Path

import mpmath as mp

from mlrepro import _core

mp.mp.dps = 50
VECTORS = Path("tests/vectors")
MASK32, MASK64 = 2**32 - 1, 2**64 - 1
LN2_HIGH = float.fromhex("0x1.62e42fefa38p-1")
LN2_LOW = float.fromhex("0x1.ef35793c7673p-45")
INVERSE_SQRT_PI = 0.5641895835477562869
SQRT_HALF = 0.7071067811865475244
LN2 = 0.6931471805599453094
LOG_SQRT_2PI = 0.9189385332046727418


def bits_of(x: float) -> int:
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def of_bits(bits: int) -> float:
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def expm1_series(r):
    total = 1.0
    for k in range(14, 1, -1):
        total = 1 + total * r / k
    return r * total


def exp(x):
    scaled = x * 1.4426950408889634074
    k = int(scaled + (-0.5 if scaled < 0 else 0.5))
    value = 1 + expm1_series((x - k * LN2_HIGH) + -k * LN2_LOW)
    if k < -1022:
        return value * 2.0 ** (k + 100) * 2.0**-100
    return value * 2.0**1023 * 2.0 ** (k - 1023) if k > 1023 else value * 2.0**k


def expm1(x):
    return expm1_series(x) if -0.35 < x < 0.35 else exp(x) - 1


def twice_artanh_rest(s):
    z = s * s
    total = 0.0
    for k in range(23, 2, -2):
        total = total * z + 2.0 / k
    return s * z * total


def log(x):
    k = 0
    if x < 2.0**-1022:
        x *= 2.0**54
        k = -54
    bits = bits_of(x)
    k += (bits >> 52) - 1023
    m = of_bits((bits & (2**52 - 1)) | 0x3FF0000000000000)
    if m > 2 * SQRT_HALF:
        m *= 0.5
        k += 1
    f = m - 1
    s = f / (2 + f)
    return k * LN2_HIGH + (f - (s * f - (twice_artanh_rest(s) + k * LN2_LOW)))


def log1p(x):
    if -0.29 < x < 0.41:
        s = x / (2 + x)
        return x - (s * x - twice_artanh_rest(s))
    u = 1 + x
    return log(u) + (x - (u - 1)) / u


def arctan(x):
    if x < 0:
        return -arctan(-x)
    if x > 1:
        return 1.5707963267948966192 - arctan(1 / x)
    for _ in range(3):
        x = x / (1 + math.sqrt(1 + x * x))
    z = x * x
    total = 0.0
    for k in range(17, 0, -2):
        total = 1.0 / k - z * total
    return 8 * x * total


def scaled_erfc(x):
    terms = 220 if x < 2 else 70 if x < 4 else 25 if x < 8 else 12
    tail = x
    for k in range(terms, 0, -1):
        tail = x + 0.5 * k / tail
    return INVERSE_SQRT_PI / tail


def erf_series(x):
    z = 2 * x * x
    total = 1.0
    for k in range(26, 0, -1):
        total = 1 + total * z / (2 * k + 1)
    return 2 * INVERSE_SQRT_PI * x * exp(-x * x) * total


def erfc(x):
    if x < 0:
        return 2 - erfc(-x)
    if x < 1:
        return 1 - erf_series(x)
    if x > 28:
        return 0.0
    high = of_bits(bits_of(x) & 0xFFFFFFFFF8000000)
    return exp(-high * high) * exp(-(x - high) * (x + high)) * scaled_erfc(x)


def log_erfc(x):
    if x <= -1:
        return log1p(1 - erfc(-x))
    if x < 1:
        return log1p(erf_series(-x)) if x < 0 else log1p(-erf_series(x))
    return log(scaled_erfc(x)) - x * x


def log1m_exp(a):
    return log(-expm1(a)) if a > -LN2 else log1p(-exp(a))


def normal_quantile_of_log_tail(log_p):
    if log_p > -LN2:
        return -normal_quantile_of_log_tail(log1m_exp(log_p))
    z = 0.0
    for i in range(100):
        tail = log_erfc(z * SQRT_HALF) - LN2
        following = z + (tail - log_p) / exp(-0.5 * z * z - LOG_SQRT_2PI - tail)
        step = following - z
        z = following
        if i > 0 and step > -1e-15 * z:
            break
    return z


def true_quantile(log_p):
    guess = normal_quantile_of_log_tail(float(log_p))
    return mp.findroot(lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - log_p, guess)


def elementary(rng):
    u = rng.uniform
    cases = [
        (exp, mp.exp, [u(-700, 700) for _ in range(20)] + [u(-1, 1) for _ in range(20)] + [-1e-9]),
        (expm1, mp.expm1, [u(-3, 3) for _ in range(20)] + [1e-12]),
        (
            log,
            mp.log,
            [2.0 ** u(-1022, 1020) for _ in range(30)] + [u(0.5, 2) for _ in range(40)] + [5e-324],
        ),
        (log1p, mp.log1p, [u(-0.999, 3) for _ in range(40)] + [1e-300, 1e10, -1e-9]),
        (arctan, mp.atan, [u(-5, 5) for _ in range(20)] + [1e9]),
        (erfc, mp.erfc, [u(-3, 3) for _ in range(30)] + [u(1, 26) for _ in range(20)]),
        (
            log_erfc,
            lambda x: mp.log(mp.erfc(x)),
            [u(-4, 4) for _ in range(20)] + [u(1, 3000) for _ in range(20)],
        ),
        (
            log1m_exp,
            lambda a: mp.log(-mp.expm1(a)),
            [u(-5, -1e-3) for _ in range(20)] + [-1e-12, -40.0],
        ),
        (
            normal_quantile_of_log_tail,
            true_quantile,
            [math.log(0.025)] + [u(-500, -1.5) for _ in range(20)],
        ),
    ]
    values = [
        {
            "function": ours.__name__,
            "x": f"{bits_of(x):016x}",
            "y": f"{bits_of(ours(x)):016x}",
            "true": float(truth(mp.mpf(x))),
        }
        for ours, truth, xs in cases
        for x in xs
    ]
    return {
        "about": "tools/make_stats_vectors.py; x and y are binary64 bits, true is mpmath's",
        "values": values,
    }


def philox(counter, key):
    k0, k1 = key & MASK32, key >> 32
    c = list(counter)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k0, p1 & MASK32, (p0 >> 32) ^ c[3] ^ k1, p0 & MASK32]
        k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
    return c


def bounded(key, index, bound):
    attempt = 0
    while True:
        counter = [index & MASK32, index >> 32, attempt & MASK32, attempt >> 32]
        words = philox(counter, key)
        product = (words[0] | words[1] << 32) * bound
        if product & MASK64 >= (2**64 - bound) % bound:
            return product >> 64
        attempt += 1


def permutation(key, n):
    order = list(range(n))
    for i in range(n, 1, -1):
        j = bounded(key, i - 1, i)
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


# Random123's known answers for philox4x32-10.
PUBLISHED = [
    ([0, 0, 0, 0], 0, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([MASK32] * 4, MASK64, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        0x299F31D0A4093822,
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def random_numbers():
    blocks = []
    for counter, key, block in PUBLISHED:
        assert philox(counter, key) == block
        blocks.append({"counter": counter, "key": key, "block": block})
    streams = []
    for seed, name, bound in [
        (0, "folds", 10),
        (7, "folds", 2**63 + 12345),
        (7, "evaluate", 3),
        (2**64 - 1, "", 1000),
    ]:
        key = _core.stream_key(seed, name)
        drawn = [bounded(key, i, bound) for i in range(20)]
        streams.append(
            {
                "seed": seed,
                "name": name,
                "key": key,
                "bound": bound,
                "bounded": drawn,
                "permutation": permutation(key, 25),
            }
        )
    return {"about": "tools/make_stats_vectors.py", "blocks": blocks, "streams": streams}


def log_fisher(a, b, c, d):
    n, k, drawn = a + b + c + d, a + c, a + b
    lowest, highest = max(0, drawn + k - n), min(drawn, k)
    total = mp.binomial(n, drawn)
    p = {
        i: mp.binomial(k, i) * mp.binomial(n - k, drawn - i) / total
        for i in range(lowest, highest + 1)
    }
    return float(mp.log(sum(v for v in p.values() if v <= p[a] * (1 + mp.mpf(10) ** -7))))


def association_tests(rng):
    chi = []
    for df in [1, 2, 3, 4, 5, 14, 15, 30, 31, 99, 100, 254, 299, 300]:
        for x in [0.01, 1.0, 7.25, df * 1.0, df * 3.0 + 11, 1e3, 1.5e5, 1e7]:
            tail = mp.gammainc(mp.mpf(df) / 2, mp.mpf(x) / 2, mp.inf, regularized=True)
            chi.append({"x": x, "df": df, "log_p": float(mp.log(tail))})
    tables = [
        (8, 2, 1, 5),
        (60, 0, 100, 99840),
        (1, 19, 3000, 40),
        (0, 12, 40, 40),
        (3, 3, 3, 3),
        (250, 1, 260, 30),
    ]
    tables += [tuple(rng.randint(0, m) for m in (20, 9, 100, 400)) for _ in range(60)]
    fisher = [{"table": list(t), "log_p": log_fisher(*t)} for t in tables]
    return {
        "about": "tools/make_stats_vectors.py, by mpmath",
        "chi_square_tail": chi,
        "fisher": fisher,
    }


def write(name, document):
    VECTORS.mkdir(exist_ok=True)
    text = json.dumps(document, separators=(",", ":")).replace("},{", "},\n{")
    (VECTORS / name).write_text(text + "\n", encoding="utf-8")


write("philox.json", random_numbers())
write("elementary.json", elementary(random.Random(1)))
write("association_tests.json", association_tests(random.Random(2)))
