"""Cameras of a scenario that see everybody in view, with the errors that real ones state.

No picture is drawn: a foot in the picture is where a vessel really is, off by ``PIXEL_SIGMA``; the
stated camera is turned and tilted against the real one as its stated sigmas allow. So places are
wrong as those of a camera are, together and in one direction, and ellipses say so.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from edge.camera.camera import NO_COVARIANCE, Camera
from edge.camera.projection import PARAMETERS
from firmware_sim import day
from firmware_sim.cast import Lookout
from firmware_sim.filmed_day import camera_of
from firmware_sim.scenario import Scenario
from haechi.cameras import Detection
from haechi.observations import Observation

PIXEL_SIGMA: Final = 1.5
BEARING_SIGMA_DEG, TILT_SIGMA_DEG = 0.15, 0.03
EVERY_S: Final = 2


def watched(
    scenario: Scenario, lookout: Lookout, seed: int
) -> Iterator[tuple[int, int, Observation]]:
    """Yield what one camera says of the vessels in its view, in order of time.

    Yields:
        Second, number of the vessel, and the observation; its subject lacks the tracker's number.
    """
    chance = np.random.default_rng([seed, len(lookout.name), sum(map(ord, lookout.name))])
    true = camera_of(lookout)
    stated = _misjudged(true, chance)
    vessels = day.vessels(scenario)
    sequence = 0
    for second in range(0, int(scenario.lasts_s), EVERY_S):
        for number, vessel in enumerate(vessels):
            lat, lon, _ = vessel.lane.at(vessel.distance_m(second))
            pixel = true.pixel_of(lat, lon, 0.0)
            if pixel is None or not true.lens.holds(*pixel):
                continue
            x, y = np.array(pixel) + chance.normal(0, PIXEL_SIGMA, 2)
            fix = stated.ground_of(float(x), float(y), PIXEL_SIGMA)
            if fix is None:
                continue
            sequence += 1
            content = Detection(
                phase="update",
                camera=lookout.name,
                label="boat",
                score=0.9,
                box=(0.4, 0.4, 0.5, 0.5),
                lat=fix.lat,
                lon=fix.lon,
                ellipse=fix.ellipse,
            )
            observation = Observation(
                device=lookout.name,
                boot="b",
                seq=sequence,
                site="s",
                subject=f"object:{lookout.name}",
                at=scenario.at(second),
                received_at=scenario.at(second),
                content=content,
            )
            yield second, number, observation


def _misjudged(true: Camera, chance: np.random.Generator) -> Camera:
    """Return a camera as somebody measured it."""
    sigmas = {"bearing_deg": BEARING_SIGMA_DEG, "tilt_deg": TILT_SIGMA_DEG}
    rows = [
        tuple(sigmas.get(one, 0.0) ** 2 if one == other else 0.0 for other in PARAMETERS)
        for one in PARAMETERS
    ]
    assert len(rows) == len(NO_COVARIANCE)
    pose = replace(
        true.pose,
        bearing_deg=true.pose.bearing_deg + float(chance.normal(0, BEARING_SIGMA_DEG)),
        tilt_deg=true.pose.tilt_deg + float(chance.normal(0, TILT_SIGMA_DEG)),
    )
    return replace(true, pose=pose, covariance=tuple(rows))
