"""``haechi camera calibrate`` and ``check``: what they say, and the status they end with."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from edge.camera.calibration_file import camera_from_toml, camera_to_toml
from edge.camera.camera import Camera
from edge.camera.points import COLUMNS, Known, points_from_csv
from haechi.commands import cameras
from haechi.commands.errors import CommandError
from tests.edge.camera.places import known_within
from tests.edge.camera.test_calibration import PLAIN, marks
from tests.firmware_sim.harbour_scene import CAMERA

app = typer.Typer()
app.command("calibrate")(cameras.calibrate)
app.command("check")(cameras.check)
app.command("sim")(cameras.sim_cctv)
PLACE = "35.10001,129.05,31"


def run(*words: object) -> tuple[int, str]:
    """Run a command; an error that a person can mend is raised."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, CommandError):
        raise result.exception
    return result.exit_code, result.stdout


def write_points(file: Path, points: list[Known]) -> Path:
    """Write marks as surveyors hand them over."""
    with file.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        for point in points:
            table.writerow([point.name, point.x_px, point.y_px, *(point.place or ("", "", ""))])
    return file


def turned(camera: Camera, degrees: float) -> Camera:
    """Return the camera with a wrong bearing."""
    pose = replace(camera.pose, bearing_deg=camera.pose.bearing_deg + degrees)
    return replace(camera, pose=pose)


@pytest.fixture
def points(tmp_path: Path) -> Path:
    """Return a file of ten marks and three of the horizon."""
    return write_points(tmp_path / "points.csv", marks(PLAIN, 10, 11, horizon=3))


def test_a_calibration_is_reported_and_written(points: Path, tmp_path: Path) -> None:
    """Pose, deviations and residuals; the file that is written then passes the check."""
    file = tmp_path / "quay.toml"
    size = ("--image-size", "1920x1080", "--position", PLACE)
    status, out = run("calibrate", points, *size, "--output", file, "--json")
    report: dict[str, Any] = json.loads(out)
    assert (status, report["version"], report["warnings"]) == (0, 1, [])
    assert len(report["residuals"]) == 13
    assert report["rms_px"] < 2
    for name in ("bearing_deg", "tilt_deg", "roll_deg"):
        off = report["parameters"][name] - getattr(PLAIN.pose, name)
        assert abs(off) < 4 * report["sigma"][name]
    assert camera_from_toml(file.read_text()).residual_px == pytest.approx(report["rms_px"])
    assert run("check", file, points)[0] == 0


@pytest.mark.parametrize("error", [2.0, -2.0])
def test_two_degrees_of_yaw_are_reported(error: float, points: Path, tmp_path: Path) -> None:
    """Status 1; the report names the angle and by how much it is off."""
    file = tmp_path / "quay.toml"
    file.write_text(camera_to_toml(known_within(turned(PLAIN, error))))
    status, out = run("check", file, points, "--json")
    report: dict[str, Any] = json.loads(out)
    (bearing,) = (angle for angle in report["angles"] if angle["parameter"] == "bearing_deg")
    assert status == 1
    assert bearing["is_wrong"]
    assert bearing["off"] == pytest.approx(-error, abs=0.1)
    assert [angle["parameter"] for angle in report["angles"] if angle["is_wrong"]] == [
        "bearing_deg"
    ]
    status, out = run("check", file, points)
    assert status == 1
    assert f"warning: bearing_deg is off by {bearing['off']:+.2f} (+-" in out
    assert "residuals are too big" in out


def test_a_misplaced_mark_is_named(tmp_path: Path) -> None:
    """One mark on the wrong buoy makes the residuals too big, and it is the worst."""
    good = marks(PLAIN, 12, 5)
    wrong = [
        Known(name="wrong", x_px=p.x_px + 90, y_px=p.y_px - 60, place=p.place) for p in good[:1]
    ]
    file = write_points(tmp_path / "points.csv", [*wrong, *good[1:]])
    status, out = run("calibrate", file, "--image-size", "1920x1080", "--position", PLACE)
    assert status == 1
    assert "the worst is wrong with" in out


def test_marks_that_cannot_check_one_another_are_said(tmp_path: Path) -> None:
    """Two marks fit any camera: that is no calibration to trust."""
    file = write_points(tmp_path / "points.csv", marks(PLAIN, 2, 5))
    size = ("--image-size", "1920x1080", "--position", PLACE, "--view", "56.1")
    status, out = run("calibrate", file, *size)
    assert status == 1
    assert "1 equations to spare" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--image-size", "big", "--position", PLACE), "--image-size big: give width x height"),
        (("--image-size", "9x9", "--position", "here"), "--position here: give latitude"),
        (("--image-size", "9x9", "--position", "35,129,-3"), "metres above the water"),
    ],
)
def test_a_wrong_call_is_explained(words: tuple[str, ...], said: str, points: Path) -> None:
    """What to give instead."""
    with pytest.raises(CommandError, match=said):
        run("calibrate", points, *words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "line 1: the header must be name,x_px"),
        (",".join(COLUMNS), "line 2: there is no point"),
        (",".join(COLUMNS) + "\nbuoy,1,2\n", "line 2: 6 columns are needed, there are 3"),
        (",".join(COLUMNS) + "\nbuoy,1,2,35,,\n", "line 2: give both lat and lon"),
        (",".join(COLUMNS) + "\n\nbuoy,left,2,35,129,\n", "line 3: x_px is no number: 'left'"),
        (",".join(COLUMNS) + "\nbuoy,1,2,135,129,\n", "line 2: lat is out of range: 135"),
        (",".join(COLUMNS) + "\nbuoy,nan,2,35,129,\n", "line 2: x_px is out of range: nan"),
    ],
)
def test_a_wrong_table_is_explained(text: str, said: str, tmp_path: Path) -> None:
    """With the line."""
    file = tmp_path / "points.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=said):
        run("calibrate", file, "--image-size", "1920x1080", "--position", PLACE)


def test_a_simulated_camera_writes_pictures(tmp_path: Path) -> None:
    """As many as asked for; an unknown weather is refused by name."""
    file = tmp_path / "quay.toml"
    file.write_text(camera_to_toml(CAMERA))
    folder = tmp_path / "pictures"
    status, out = run("sim", file, folder, "--seconds", 1, "--fps", 2)
    assert (status, out.strip()) == (0, f"2 pictures: {folder}")
    with pytest.raises(CommandError, match="there are day, night, fog, rain"):
        run("sim", file, tmp_path / "other", "--weather", "snow")


def test_a_table_is_read_as_it_was_written(points: Path) -> None:
    """Names, pixels and places; the horizon has none."""
    read = points_from_csv(points.read_text())
    assert list(read) == marks(PLAIN, 10, 11, horizon=3)
    assert [point.place for point in read[10:]] == [None] * 3


def test_the_documented_files_are_read() -> None:
    """The camera file and the table of points in the guide are good ones."""
    guide = (Path(__file__).parents[3] / "docs" / "cameras.md").read_text()
    (toml,) = re.findall(r"^```toml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    (table,) = re.findall(r"^```csv\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert camera_from_toml(toml).residual_px == 1.1
    assert [point.place is None for point in points_from_csv(table)] == [False, False, False, True]
