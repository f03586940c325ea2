"""The program that an office would write for its signature service: digest in, OTP in the environment, answer out."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """Asks the service at the address that is the only argument."""
    body, otp = sys.stdin.buffer.read(), os.environ.get("FIRMA_OTP", "")
    request = urllib.request.Request(sys.argv[1], data=body, headers={"X-OTP": otp})
    try:
        with urllib.request.urlopen(request) as reply:
            sys.stdout.buffer.write(reply.read())
    except urllib.error.HTTPError as error:
        print(f"{error.code}: {error.read().decode()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
