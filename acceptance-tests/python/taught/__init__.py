"""What AWS answers and emulators do not, a module per service.

Each has a function `teach` for moto, `teach_ministack` for ministack, or both.
"""

import importlib
import pkgutil
import sys
from importlib.util import find_spec


def teach(lesson: str = "teach") -> None:
    for module in pkgutil.iter_modules(__path__):
        taught = importlib.import_module(f"{__name__}.{module.name}")
        if not hasattr(taught, lesson):
            continue
        try:
            getattr(taught, lesson)()
        except ImportError as missing:
            # LocalStack brings an older moto, and asks it about a few services only.
            if not find_spec("localstack"):
                raise
            print(f"{module.name} is not taught: {missing}", file=sys.stderr)
