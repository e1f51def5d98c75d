"""A jump of the light is told from what moves before the camera."""

import numpy as np
import pytest

from edge.vision.camera.light import Light
from edge.vision.frame import Frame, Pixels

S = 1_000_000_000


def place(light: float, seed: int, passer: int | None = None) -> Pixels:
    rng = np.random.default_rng(1)
    picture = rng.integers(60, 160, (9, 16, 3)).repeat(20, 0).repeat(20, 1) * light
    if passer is not None:
        picture[:, max(0, passer) : max(0, passer + 150)] = 230
    return np.clip(picture + np.random.default_rng(seed).normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


def unsteady(lights: dict[float, float], seconds: float = 12.0, fps: float = 10.0) -> list[float]:
    """The instants at which the light was not steady; `lights` from each instant on."""
    light, found = Light(), []
    for number in range(round(seconds * fps)):
        at_s = number / fps
        now = next(level for since, level in sorted(lights.items(), reverse=True) if at_s >= since)
        if not light.see(Frame(pixels=place(now, number), taken_ns=round(at_s * S), index=number)):
            found.append(at_s)
    return found


@pytest.mark.parametrize("after", [0.1, 0.5, 0.7, 1.4, 2.0])
def test_a_jump_is_told_at_once_and_for_two_seconds(after: float) -> None:
    found = unsteady({0.0: 1.0, 5.0: after})
    assert found[0] == 5.0
    assert 6.9 <= found[-1] <= 8.1
    assert len(found) == round((found[-1] - found[0]) * 10) + 1


def test_lightning_is_a_jump_up_and_down() -> None:
    found = unsteady({0.0: 0.3, 5.0: 1.5, 5.3: 0.3})
    assert found[0] == 5.0
    assert found[-1] >= 7.2


def test_at_two_frames_a_second_too() -> None:
    found = unsteady({0.0: 1.0, 5.0: 0.4}, fps=2.0)
    assert found[0] == 5.0


def test_a_steady_light_is_steady_and_so_is_dusk() -> None:
    assert unsteady({0.0: 1.0}) == []
    assert unsteady({n / 10: 1.0 - n / 600 for n in range(300)}, seconds=30.0) == []


def test_a_white_lorry_is_no_light() -> None:
    light = Light()
    for number in range(80):
        passing = place(0.5, number, passer=number * 8 - 200)
        assert light.see(Frame(pixels=passing, taken_ns=number * S // 10, index=number))
