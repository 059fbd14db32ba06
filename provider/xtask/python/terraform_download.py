"""Downloads a release of Terraform, verifies its checksum and unpacks the binary.

    terraform_download.py VERSION PLATFORM SHA256 FOLDER

The checksum is the caller's, pinned beside the version: a file that does not match is never unpacked.
"""

import hashlib
import io
import pathlib
import sys
import urllib.request
import zipfile

version, platform, expected, folder = sys.argv[1:]
address = f"https://releases.hashicorp.com/terraform/{version}/terraform_{version}_{platform}.zip"
try:
    with urllib.request.urlopen(address, timeout=60) as reply:
        archive = reply.read()
except OSError as problem:
    sys.exit(f"cannot download {address}: {problem}\nInstall Terraform 1.8 or newer and put it on PATH.")

actual = hashlib.sha256(archive).hexdigest()
if actual != expected:
    sys.exit(f"{address} has the SHA-256 {actual}, but {expected} is pinned; nothing was installed.")

binary = pathlib.Path(folder) / "terraform"
with zipfile.ZipFile(io.BytesIO(archive)) as files:
    binary.write_bytes(files.read("terraform"))
binary.chmod(0o755)
