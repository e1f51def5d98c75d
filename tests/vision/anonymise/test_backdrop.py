"""The backdrop: what passes is no part of the place, from the very first frame on."""

import numpy as np

from edge.units import NS_PER_S
from edge.vision.anonymise.backdrop import PRELUDE_S, Backdrop, shrunk
from edge.vision.anonymise.tape import Note
from edge.vision.anonymise.verdict import Blackout
from edge.vision.frame import Frame, Pixels

SIZE = (320, 180)
FPS = 10


def street() -> Pixels:
    rng = np.random.default_rng(5)
    return np.asarray(rng.integers(70, 160, (18, 32, 3)).repeat(10, 0).repeat(10, 1), np.uint8)


def film(seconds: float, speed: float) -> list[tuple[Frame, int]]:
    """Somebody of 20 by 40 px who walks so many px a second; with each frame where his left side is."""
    rng = np.random.default_rng(6)
    frames = []
    for index in range(round(seconds * FPS)):
        pixels = street() + rng.normal(0, 2, (SIZE[1], SIZE[0], 3))
        x = round(40 + speed * index / FPS)
        pixels[100:140, x : x + 20] = (20, 20, 200)
        frame = Frame(pixels=pixels.clip(0, 255).astype(np.uint8), taken_ns=index * NS_PER_S // FPS, index=index)
        frames.append((frame, x))
    return frames


def shown(frames: list[tuple[Frame, int]]) -> list[Note]:
    backdrop, notes = Backdrop(), []
    for frame, _ in frames:
        notes.append(Note(taken_ns=frame.taken_ns, look=None))
        backdrop.see(shrunk(frame), 1.0, notes[-1])
    backdrop.conclude()
    return notes


def moving(note: Note, x: int) -> float:
    assert note.motion is not None
    return float((note.motion.unpacked().mask[100:140, x : x + 20] > 0).mean())


def test_who_walks_slowly_moves_from_the_first_frame_of_a_short_film_on() -> None:
    frames = film(3.0, 15.0)
    notes = shown(frames)
    assert all(note.black is None for note in notes)
    assert all(moving(note, x) > 0.9 for note, (_, x) in zip(notes, frames, strict=True))


def test_a_long_film_is_followed_beyond_its_prelude() -> None:
    frames = film(PRELUDE_S + 4, 18.0)
    notes = shown(frames)
    assert all(moving(note, x) > 0.7 for note, (_, x) in zip(notes, frames, strict=True))


def test_the_place_itself_does_not_move() -> None:
    notes = shown(film(3.0, 15.0))
    assert all(note.motion is not None and note.motion.unpacked().share() < 0.03 for note in notes)


def test_a_frame_is_black_until_it_is_told() -> None:
    note = Note(taken_ns=0, look=None)
    Backdrop().see(shrunk(film(0.1, 0)[0][0]), 1.0, note)
    assert note.black is Blackout.NOT_PROVEN


def test_a_film_without_frames_has_nothing_to_tell() -> None:
    assert shown([]) == []
