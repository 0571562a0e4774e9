"""A camera file says everything, or says what is wrong with it."""

from dataclasses import replace

import numpy as np
import pytest

from edge.camera.calibration_file import CalibrationError, camera_from_toml, camera_to_toml
from tests.edge.camera.places import covariance, harbour, known_within, rows

SMALL = """
[pose]
lat = 35.1
lon = 129.05
height_m = 32
bearing_deg = 135
tilt_deg = -4

[lens]
width_px = 1920
height_px = 1080
horizontal_view_deg = 60

[sigma]
bearing_deg = 0.5
"""


def test_a_small_file_is_enough() -> None:
    """A view angle for a lens, the frame's middle, no roll, no distortion."""
    camera = camera_from_toml(SMALL)
    assert camera.lens.focal_px == pytest.approx(960 / np.tan(np.radians(30)))
    assert (camera.lens.principal_x_px, camera.pose.roll_deg) == (960, 0)
    assert np.diagonal(covariance(camera)).tolist() == [0, 0, 0, 0.25, *[0] * 8]


def test_what_is_written_is_read() -> None:
    """Also with correlations, to rounding."""
    camera = replace(known_within(harbour()), residual_px=1.25)
    correlated = covariance(camera)
    correlated[4, 6] = correlated[6, 4] = 0.9 * np.sqrt(correlated[4, 4] * correlated[6, 6])
    camera = replace(camera, covariance=rows(correlated))
    back = camera_from_toml(camera_to_toml(camera))
    assert (back.pose, back.residual_px) == (camera.pose, camera.residual_px)
    assert back.sight.rows.tolist() == camera.sight.rows.tolist()
    assert back.lens.aspect == pytest.approx(camera.lens.aspect)
    assert covariance(back) == pytest.approx(correlated, rel=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[pose]", "[pose", "not TOML"),
        ("height_m = 32\n", "", "height_m"),
        ("height_m = 32", "height_m = -2", "$.pose.height_m"),
        ("height_m = 32", "height_m = nan", "$.pose.height_m"),
        ("lat = 35.1", 'lat = "35.1"', "$.pose.lat"),
        ("tilt_deg = -4", "pitch_deg = -4", "pitch_deg"),
        ("horizontal_view_deg = 60", "", "either focal_px or horizontal_view_deg"),
        ("horizontal_view_deg = 60", "horizontal_view_deg = 60\nfocal_px = 900", "not both"),
        ("bearing_deg = 0.5", "yaw_deg = 0.5", "no parameter 'yaw_deg'; there are east_m"),
        ("bearing_deg = 0.5", "bearing_deg = inf", "$.sigma.bearing_deg"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    """What, where, and what would be right."""
    with pytest.raises(CalibrationError) as raised:
        camera_from_toml(SMALL.replace(old, new))
    assert said in str(raised.value)


def test_impossible_correlations_are_refused() -> None:
    """Three errors cannot all be each other's opposite."""
    text = SMALL + "tilt_deg = 0.1\nroll_deg = 0.1\n"
    text += "[correlation.bearing_deg]\ntilt_deg = -1\nroll_deg = -1\n"
    text += "[correlation.tilt_deg]\nroll_deg = -1\n"
    with pytest.raises(CalibrationError, match="no errors can be correlated like that"):
        camera_from_toml(text)
