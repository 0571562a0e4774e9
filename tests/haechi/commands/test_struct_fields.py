"""No two threads read the fields of one type, since msgspec does not survive that."""

import subprocess
from pathlib import Path

from tests.processes import PYTHON, ROOT

WHILE_ANOTHER_READS = """
import sys
from threading import Event, Thread

import msgspec
from haechi.commands.struct_fields import read_struct_fields

class Inner(msgspec.Struct):
    number: int

class Outer(msgspec.Struct):
    inner: Inner

def decode():
    return msgspec.json.decode(b'{"inner": {"number": 7}}', type=Outer)

read = []
goes_on, has_decoded = Event(), Event()

def stop_half_way(frame, event, _):
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        read.append(frame)
        if len(read) == 2:  # Inner, while Outer is half read
            goes_on.set()
            has_decoded.wait()

def first():
    sys.setprofile(stop_half_way)
    decode()
    goes_on.set()

read_struct_fields()
thread = Thread(target=first)
thread.start()
goes_on.wait()
print(decode().inner.number, flush=True)
has_decoded.set()
thread.join()
"""

CROSS_CHECK = """
import sys
import threading
from pathlib import Path

from haechi.commands import cargo, logs
from haechi.settings import load
from tests.edge.rig import free_port
from tests.haechi.commands.test_cargo import with_a_shipment

logs.configure("error")
settings = load(data_dir=Path(sys.argv[1]), mqtt_port=free_port())
with_a_shipment(settings)
read = []

def note(frame, event, _):
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        read.append(frame.f_locals["obj"])

threading.setprofile(note)
stop = threading.Event()
thread = cargo.follow(settings, stop)
threading.setprofile(None)
kept = cargo.register(settings)
while kept.result("S-1") is None:
    thread.join(0.05)
stop.set()
thread.join()
print(read)
"""


def _printed_by(program: str, *arguments: object) -> tuple[int, str]:
    """Return the status and the output of a process in which no type has been read before."""
    command = [PYTHON, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


def test_a_type_is_decoded_while_another_thread_is_the_first_to() -> None:
    """One thread is held where msgspec reads a type's fields; the other needs them."""
    assert _printed_by(WHILE_ANOTHER_READS) == (0, "7\n")


def test_the_cross_check_reads_no_fields_beside_the_console(tmp_path: Path) -> None:
    """It decodes what the console's own threads decode at that moment."""
    assert _printed_by(CROSS_CHECK, tmp_path) == (0, "[]\n")
