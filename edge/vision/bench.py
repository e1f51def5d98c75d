"""Who may judge: nobody, unless the site file names a ground for alarms.

In the mode `statistics` the judge's code is not even loaded: there is no path from a picture to an alarm.
"""

from edge.config.site import LegalMode, Site
from edge.vision.reckoning import Bench


def judge_of(site: Site, size: tuple[int, int]) -> Bench | None:
    """Make the judge of a site for pictures of a size (w, h) px; for `statistics` there is none."""
    if site.legal.mode is LegalMode.STATISTICS:
        return None
    # Imported here: where alarms may not be raised, what raises them is not there.
    from edge.vision.judge.judge import Judge  # noqa: PLC0415
    from edge.vision.measure.ground import GroundView  # noqa: PLC0415

    return Judge(site, size, GroundView.of(site, size))
