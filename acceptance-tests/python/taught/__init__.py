"""What AWS answers and moto does not, a module per service; each has a function `teach`."""

import importlib
import pkgutil


def teach() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}").teach()
