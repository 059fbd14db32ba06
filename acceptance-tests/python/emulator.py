"""Runs an emulator module until its parent goes away.

    python emulator.py MODULE [ARGUMENT ...]

The parent keeps the other end of standard input open and never writes to it. End of input therefore
means that the parent is gone, however it died, and the emulator must not outlive it.
"""

import os
import runpy
import sys
import threading


def leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


module, *arguments = sys.argv[1:]
threading.Thread(target=leave_with_parent, daemon=True).start()
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
