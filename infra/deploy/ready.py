#!/usr/bin/env python3
"""`ready PORT`: exit code 0 when the process in this container is ready, for a health check."""

import sys
import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{int(sys.argv[1])}/readyz", timeout=5)
