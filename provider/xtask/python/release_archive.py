"""Writes a zip that is the same, byte for byte, whenever it is made of the same files.

    release_archive.py ARCHIVE BINARY NAME_INSIDE
"""

import pathlib
import sys
import zipfile

archive, binary, name = sys.argv[1:]
# The earliest date a zip can hold.
entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
entry.external_attr = 0o755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
entry.create_system = 3
with zipfile.ZipFile(archive, "w") as files:
    files.writestr(entry, pathlib.Path(binary).read_bytes(), compresslevel=9)
