"""The control filter at entry (lib/text.h text_filter), written a second time from its description."""
import re
import unicodedata

FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
MARKS_MAX = 4


def filtered(text):
    """NFC; tab and line ends become one blank; what steers a terminal goes, and marks beyond four."""
    text = re.sub("\r\n|[\t\r\n]", " ", text)
    text = FORBIDDEN.sub("", text)
    text = "".join(c for c in text if ord(c) & 0xFFFE != 0xFFFE)  # noncharacters
    text = unicodedata.normalize("NFC", text)
    kept, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.category(c)[0] == "M" else 0
        if marks <= MARKS_MAX:
            kept.append(c)
    return "".join(kept)
