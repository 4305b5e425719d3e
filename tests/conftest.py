"""What holds for all tests: those of properties try the same examples everywhere, and take the time that they take.

UNDERSTUDY_RANDOM=1 lets them look for other examples, each time anew.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "understudy",
    derandomize=not os.environ.get("UNDERSTUDY_RANDOM"),
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=(HealthCheck.too_slow,),
)
settings.load_profile("understudy")
