"""Reads messages with Python's own parser and prints what a reader would see, as one JSON list.

Each argument is a file; without arguments one message is read from standard input.
"""
import email
import email.policy
import json
import sys


def seen(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    headers = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), []).append(str(value))
    defects = [type(defect).__name__ for part in message.walk() for defect in part.defects]
    return {
        "headers": headers,
        "date": message["Date"].datetime.isoformat(),
        "type": message.get_content_type(),
        "text": parts.get("text/plain"),
        "html": parts.get("text/html"),
        "defects": defects,
        "longest_line": max(len(line) for line in raw.splitlines()),
        "is_ascii": raw.isascii(),
    }


raws = [open(path, "rb").read() for path in sys.argv[1:]] or [sys.stdin.buffer.read()]
json.dump([seen(raw) for raw in raws], sys.stdout)
