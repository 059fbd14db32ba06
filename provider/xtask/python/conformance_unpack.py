"""Unpack a source distribution.

Usage: conformance_unpack.py ARCHIVE FOLDER
"""

import sys
import tarfile

if __name__ == "__main__":
    archive, folder = sys.argv[1:3]
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
