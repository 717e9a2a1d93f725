"""A ray marcher: spheres and a floor, by signed distances, with shading and shadows."""

import math

import numpy as np

MAXIMUM_STEPS = 24
NEAR, FAR = 1e-4, 12.0


def length(v):
    return math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


def normalized(v):
    return v / np.sqrt(np.sum(v * v))


def smooth_minimum(a, b, k):
    h = max(k - abs(a - b), 0.0) / k
    return min(a, b) - h * h * k * 0.25


def scene(p, spheres, floor):
    """The distance from a point to what is nearest."""
    nearest = p[1] - floor
    for x, y, z, radius in spheres:
        d = math.sqrt((p[0] - x) ** 2 + (p[1] - y) ** 2 + (p[2] - z) ** 2) - radius
        nearest = smooth_minimum(nearest, d, 0.3)
    return nearest


def march(origin, direction, spheres, floor):
    """Where a ray hits; a negative number where it hits nothing."""
    t = 0.0
    for _ in range(MAXIMUM_STEPS):
        d = scene(origin + t * direction, spheres, floor)
        if d < NEAR:
            return t
        t += d
        if t > FAR:
            break
    else:
        return t
    return -1.0


def normal(p, spheres, floor):
    e = 1e-3
    n = np.zeros(3)
    for axis in range(3):
        forward, backward = p.copy(), p.copy()
        forward[axis] += e
        backward[axis] -= e
        n[axis] = scene(forward, spheres, floor) - scene(backward, spheres, floor)
    return normalized(n)


def shadow(p, light, spheres, floor):
    """How much light comes through: soft, by the narrowest place on the way."""
    direction = normalized(light - p)
    result, t = 1.0, 0.15
    for _ in range(6):
        d = scene(p + t * direction, spheres, floor)
        result = min(result, 4.0 * d / t)
        t += max(d, 0.1)
    return max(result, 0.1)


def colour(origin, direction, light, spheres, floor):
    t = march(origin, direction, spheres, floor)
    if t < 0.0:
        return 0.2 + 0.1 * direction[1]
    p = origin + t * direction
    n = normal(p, spheres, floor)
    diffuse = max(float(n @ normalized(light - p)), 0.0)
    return 0.1 + 0.8 * diffuse * shadow(p, light, spheres, floor)


def render(spheres, light, floor, size):
    image = np.zeros((size, size))
    origin = np.array([0.0, 1.0, -4.0])
    for row in range(size):
        for column in range(size):
            x = 2.0 * column / (size - 1) - 1.0
            y = 0.6 - 1.0 * row / (size - 1)
            direction = normalized(np.array([x, y, 2.0]))
            image[row, column] = colour(origin, direction, light, spheres, floor)
    return image


def misfit(spheres, light, floor, photograph):
    image = render(spheres, light, floor, len(photograph))
    return np.sum((image - photograph) ** 2)


FUNCTION = misfit
ARGUMENTS = (
    np.array([[0.1, 0.6, 0.2, 0.7], [-0.9, 0.4, -0.4, 0.35]]),
    np.array([2.0, 4.0, -2.5]),
    -0.1,
    np.linspace(0.2, 0.8, 9).reshape(3, 3),
)
WRT = (0, 1, 2)
