"""How large a document may be: beyond these it is refused, with the limit in the message."""

from typing import Final

MAX_FILE_BYTES: Final = 256 * 2**20
"""A BAPLIE of 20,000 containers has about 3 MB."""
MAX_SEGMENT_BYTES: Final = 32 * 2**10
"""UN/EDIFACT free text has at most 5 lines of 512 signs."""
MAX_ELEMENTS: Final = 500
"""Elements and components in one segment."""
MAX_SEGMENTS: Final = 5_000_000
MAX_MESSAGES: Final = 10_000
MAX_UNITS: Final = 200_000
"""Containers in one message; the largest ship carries about 24,000 TEU."""
MAX_CONSIGNMENTS: Final = 200_000
MAX_PARTS: Final = 2_000
"""Goods, seals, parties or references of one consignment or container; ports of a voyage."""
MAX_JSON_BYTES: Final = 32 * 2**20
MAX_JSON_DEPTH: Final = 40
MAX_JSON_VALUES: Final = 2_000_000
"""Objects, lists and members. An empty list takes 30 times its bytes of memory."""
MAX_XML_BYTES: Final = 16 * 2**20
MAX_XML_DEPTH: Final = 20
MAX_XML_ELEMENTS: Final = 100_000
MAX_XML_ATTRIBUTES: Final = 10_000
"""The answers that are read have none."""
MAX_CSV_BYTES: Final = 32 * 2**20
MAX_LINE_SIGNS: Final = 2**18
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 64
MAX_CELL_SIGNS: Final = 4_000
MAX_XLSX_BYTES: Final = 32 * 2**20
MAX_UNZIPPED_BYTES: Final = 128 * 2**20
MAX_ZIP_MEMBERS: Final = 1_000
MAX_XLSX_TAGS: Final = 10_000_000
"""A cell has four, and takes 10 µs to read."""
MAX_LINES: Final = 100_000
"""Lines of an air message."""
MAX_PROBLEMS: Final = 1_000
"""Listed one by one; the rest is counted."""
