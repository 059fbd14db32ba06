"""What AWS answers and emulators do not, a module per service.

Each has a function `teach` for moto, `teach_ministack` for ministack, or both.
"""

import importlib
import pkgutil


def teach(lesson: str = "teach") -> None:
    for module in pkgutil.iter_modules(__path__):
        taught = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(taught, lesson):
            getattr(taught, lesson)()
