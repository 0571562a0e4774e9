"""Scene files."""

import pytest

from edge.cctv.scene import Scene, SceneError, scene_from_toml

WHOLE = """
labels = ["person"]
threshold = 0.6
[[zone]]
name = "gate"
polygon = [[0, 0], [1, 0], [0.5, 1]]
loiter_after_s = 60
[[line]]
name = "quay"
begin = [0, 0.5]
end = [1, 0.5]
"""


def test_a_file_says_what_it_says_and_frigate_the_rest() -> None:
    """Defaults come from there."""
    scene = scene_from_toml(WHOLE)
    assert (scene.labels, scene.threshold, scene.sure, scene.inertia) == (("person",), 0.6, 0.5, 3)
    (gate,), (quay,) = scene.zone, scene.line
    assert (gate.loiter_after_s, quay.begin) == (60, (0, 0.5))
    assert scene_from_toml("") == Scene()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("labels =", "Invalid value"),
        ("label = ['car']", "unknown field `label`"),
        ("inertia = 0", "`int` >= 1"),
        (WHOLE.replace("[0.5, 1]", "[0.5, 432]"), "<= 1"),
        (WHOLE.replace("[1, 0], [0.5, 1]", "[1, 0]"), "length >= 3"),
        (WHOLE.replace('"quay"', '"gate"'), "'gate' is used twice"),
        (WHOLE.replace("end = [1, 0.5]", "end = [0, 0.5]"), "'quay' ends where it begins"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """Where, and what."""
    with pytest.raises(SceneError, match="scene: ") as refused:
        scene_from_toml(text)
    assert said in str(refused.value)
