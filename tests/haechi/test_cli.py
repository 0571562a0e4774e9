"""The command line: what it prints, where, and the status it ends with."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
import pytest
import typer

from haechi import __main__, cli
from haechi.commands import alone as holding
from haechi.commands import logs
from haechi.commands.alone import alone
from haechi.commands.doctor import Check
from haechi.commands.recording_report import InputReport, LedgerReport, Report
from haechi.findings import Finding
from haechi.settings import load
from tests.conftest import Eventually
from tests.edge.disks import fill
from tests.processes import HAECHI, PYTHON, ROOT, START_S, Actor, environment, haechi

COMMANDS = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
ROWS = """\
mmsi,timestamp,lat,lon,sog,cog
219000001,2026-01-01T00:00:00Z,55.0,12.0,10,90
219000001,2026-01-01T00:00:10Z,55.0,12.0009,10,90
219000001,2026-01-01T00:00:20Z,95.0,12.0018,10,90
219000001,2026-01-01T00:01:00Z,55.0,14.0,10,90
"""
STRANGE_COLUMNS = "id=mmsi,time=timestamp,lat=lat,lon=nowhere"


class Said(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


class Call(Protocol):
    """Runs a command in this process."""

    def __call__(self, *words: object) -> Said:
        """Return how it ended."""
        ...


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which commands run, with a recording and a file that is none."""
    for name in [name for name in os.environ if name.startswith("HAECHI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day.csv").write_text(ROWS)
    (tmp_path / "prose.txt").write_text("Once upon a time\n")
    return tmp_path


@pytest.fixture
def call(here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Return a runner of commands; logging stays as the tests have it."""
    assert here.is_dir()
    monkeypatch.setattr(logs, "configure", str)

    def run(*words: object) -> Said:
        monkeypatch.setattr("sys.argv", ["haechi", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int | None)
        said = capfd.readouterr()
        return Said(ended.value.code or 0, str(said.out), str(said.err))

    return run


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ("acid 4988470982020120017", 0, "importer 498847098  issued 2020-12  serial 17"),
        ("acid 123", 2, "not an ACID"),
        ("acid", 2, "Missing argument"),
        ("nonsense", 2, "No such command"),
        ("backtest absent.nmea", 2, "absent.nmea"),
        ("backtest prose.txt", 2, "no line of it is an AIS sentence"),
        ("backtest day.csv --columns id=mmsi", 2, "time"),
        (f"backtest day.csv --columns {STRANGE_COLUMNS}", 2, "nowhere"),
        ("backtest day.csv --start yesterday", 2, "--start"),
        ("backtest day.csv", 0, "3 readings, 1 inputs undecodable"),
        ("replay day.csv --speed fast", 2, "--speed is 1, a positive number or max, not 'fast'"),
        ("replay day.csv --speed -1", 2, "--speed is"),
        ("replay day.csv --speed nan", 2, "--speed is"),
        ("replay day.csv --keep .", 2, "exists already"),
        ("push test fax", 2, "there is no channel 'fax'; there are console, alerts"),
        ("push test console", 0, "console: sent"),
        ("agent ais carrier-pigeon://x", 2, "not udp://HOST:PORT"),
        ("agent ais day.csv", 2, "use haechi replay"),
        ("agent ais udp://127.0.0.1:0 --device X", 2, "not a device"),
        ("sim ais --vessels -1", 2, "--vessels"),
        ("contracts absent", 2, "absent"),
        ("agent enroll --code abc --server x:1 --ca-file y", 2, "SITE/DEVICE/SECRET"),
        ("device revoke busan/nobody --directory absent", 2, "absent"),
    ],
)
def test_a_call_ends_with_its_status_and_a_line_that_helps(
    call: Call, words: str, status: int, says: str
) -> None:
    """Results are on standard output; what a person must mend is on the other, without a trace."""
    said = call(*words.split())
    assert said.status == status
    assert says in (said.out if status == 0 else said.err)
    if status:
        assert said.out == ""
        assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("SITE", "No Such Site", "setting site"),
        ("TIME_ZONE", "Atlantis", "no such time zone"),
        ("CONSOLE_PORT", "99999", "setting console_port"),
        ("CONFIG", "absent.toml", "absent.toml"),
        ("RULES_FILE", "absent.toml", "absent.toml"),
    ],
)
def test_a_wrong_setting_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, says: str
) -> None:
    """Status 2, and which one it is."""
    monkeypatch.setenv(f"HAECHI_{setting}", value)
    said = call("backtest", "day.csv")
    assert (said.status, said.out) == (2, "")
    assert says in said.err


@pytest.mark.parametrize("words", ["sim run leaves-route", "sim load", "aci verify 1", "console"])
def test_any_command_names_a_wrong_setting(
    call: Call, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Whatever else it needs comes after."""
    monkeypatch.setenv("HAECHI_SITE", "No Such")
    said = call(*words.split())
    assert said.status == 2
    assert said.err.startswith("haechi: setting site: ")


@pytest.mark.parametrize(
    "words",
    [
        "backtest day.csv",
        "agent ais udp://127.0.0.1:0",
        "agent readings -",
        "seal order bind SIM-000001 --container CSQU3054383",
        "up",
        "console",
    ],
)
def test_d8_a_full_disk_is_said_in_a_line(
    small_disk: Path, call: Call, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """D8: nothing can be begun without a byte; status 2, and what is full."""
    monkeypatch.setenv("HAECHI_DATA_DIR", str(small_disk / "data"))
    fill(small_disk / "hog")
    said = call(*words.split())
    assert said.status == 2
    assert re.search("(?m)^haechi: .*(disk is full|No space left)", said.err)
    assert "Traceback" not in said.err


@pytest.mark.parametrize("part", ["ingest", "console"])
def test_a_second_process_of_a_kind_is_refused(
    call: Call, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Two would take each other's session with the broker, by turns and for ever."""
    monkeypatch.setattr(holding, "HANDOVER_S", 0)
    for name in ("RULES", "PUSHES"):  # one that were not refused would end at once, by these
        monkeypatch.setenv(f"HAECHI_{name}_FILE", "absent.toml")
    with alone(load(), part):
        said = call(part)
    (line,) = said.err.splitlines()
    assert (said.status, said.out) == (2, "")
    assert line.startswith("haechi: ")
    assert line.endswith(f" is in use by another haechi {part}; stop it, or set HAECHI_DATA_DIR")


def test_an_acid_that_is_doubtful_is_explained_and_not_well(call: Call) -> None:
    """Customs flags it and does not refuse it: its parts are a result, the doubt is status 1."""
    said = call("acid", "4988470982020130017")
    assert said.status == 1
    assert "issued 2020-13" in said.out
    assert said.err == "warning: month 13 does not exist\n"


def test_backtest_prints_one_object_with_the_documented_keys(call: Call) -> None:
    """Nothing else is on standard output, and each key stands in the documentation."""
    said = call("backtest", "day.csv", "--json")
    assert said.status == 0
    (line,) = said.out.splitlines()
    report: dict[str, Any] = json.loads(line)
    assert [*report] == [*Report.__struct_fields__]
    assert [*report["input"]] == [*InputReport.__struct_fields__]
    assert [*report["ledger"]] == [*LedgerReport.__struct_fields__]
    assert report["input"]["undecodable"] == {"lat out of range": 1}
    assert (report["ledger"]["kept"], report["ledger"]["balances"]) == (3, True)
    (found,) = report["findings"]
    assert {*found} == {*Finding.__struct_fields__} - {"revision", "supersedes", "saying"}
    keys = (report, report["input"], report["ledger"], found)
    assert [key for part in keys for key in part if f"`{key}`" not in COMMANDS] == []


def test_doctor_is_content_with_this_machine(call: Call) -> None:
    """No fault where the tests run but what is not built; as a table, and as one object."""
    said = call("doctor", "--json")
    report = msgspec.json.decode(said.out, type=dict[str, Any])
    checks = msgspec.convert(report["checks"], list[Check])
    faults = [check.name for check in checks if check.verdict == "fault"]
    assert {*faults} <= {"page", "broker"}
    assert said.status == (1 if faults else 0)
    assert {"name", "verdict", "detail"} == {*Check.__dataclass_fields__}
    lines = call("doctor").out.splitlines()
    assert [line.split()[0] for line in lines] == [check.verdict for check in checks]


@pytest.mark.parametrize(
    ("setting", "content", "says"),
    [
        ("RULES_FILE", "[[rule]]\nname = 'luck'\ntype = 'fortune-telling'\n", "fortune-telling"),
        ("RULES_FILE", "not toml at all [", "line 1"),
        ("ZONES_FILE", "{}", "FeatureCollection"),
        ("DATA_DIR", "a file, not a folder", "set HAECHI_DATA_DIR"),
    ],
)
def test_doctor_finds_a_fault(
    call: Call, monkeypatch: pytest.MonkeyPatch, setting: str, content: str, says: str
) -> None:
    """Status 1, and the line says what is wrong."""
    broken = Path("broken").absolute()
    broken.write_text(content)
    monkeypatch.setenv(f"HAECHI_{setting}", str(broken))
    said = call("doctor")
    assert said.status == 1
    (line,) = [
        line for line in said.out.splitlines() if line.startswith("fault") and "page" not in line
    ]
    assert says in line


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for root")
def test_doctor_sees_a_folder_that_cannot_be_written(call: Call, here: Path) -> None:
    """Its mode forbids it."""
    locked = here / "haechi-data"
    locked.mkdir(mode=0o500)
    assert "cannot write to" in call("doctor").out


def test_doctor_warns_of_a_setting_that_there_is_not(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip of the pen in a variable would else do nothing, unseen."""
    monkeypatch.setenv("HAECHI_CONSOLEPORT", "8080")
    assert re.search("(?m)^warning .*HAECHI_CONSOLEPORT", call("doctor").out)


def test_doctor_sees_a_broker_that_does_not_answer(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that is set, not the one that is installed."""
    monkeypatch.setenv("HAECHI_MQTT_HOST", "127.0.0.1")
    monkeypatch.setenv("HAECHI_MQTT_PORT", "1")
    assert "check mqtt_host and mqtt_port" in call("doctor").out


def test_every_command_explains_itself_with_an_example() -> None:
    """Its first line is a sentence, and below it stands a call that can be copied."""

    def commands(group: Any, path: str) -> Iterator[tuple[str, str]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from commands(command, f"{path} {name}")
            else:
                yield f"{path} {name}", command.help

    explained = dict(commands(typer.main.get_command(cli.app), "haechi"))
    assert len(explained) > 10
    lacking = [
        name for name, text in explained.items() if f"{name}" not in text.split("Example:")[-1]
    ]
    assert lacking == []


def test_contracts_are_written_where_one_says(call: Call, here: Path) -> None:
    """And their paths are printed."""
    (here / "out").mkdir()
    said = call("contracts", "out")
    assert said.status == 0
    assert [Path(line).name for line in said.out.splitlines()] == [
        "messages.schema.json",
        "asyncapi.json",
    ]
    assert all(json.loads((here / line).read_text()) for line in said.out.splitlines())


def test_ctrl_c_while_the_program_loads_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at any other time: status 130, and nothing to read."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 130


INTERRUPTED = """
from types import SimpleNamespace
import haechi
from haechi.__main__ import main

def interrupted():
    exec("raise KeyboardInterrupt")

haechi.cli = SimpleNamespace(main=interrupted)
main()
"""


def test_ctrl_c_within_an_exec_is_no_death_by_signal(tmp_path: Path) -> None:
    """A dataclass that is being made, for example: status 130 all the same."""
    (tmp_path / "program.py").write_text(INTERRUPTED)
    command = [PYTHON, "-m", "program"]
    paths = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=paths, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (130, b"")


@pytest.mark.slow
@pytest.mark.parametrize("command", [("replay", "--speed", "max"), ("backtest",)])
def test_nothing_is_written_but_below_the_data_directory(
    here: Path, command: tuple[str, ...]
) -> None:
    """Neither at home nor where one stands; and nothing is left but empty folders."""
    home, data = here / "home", here / "elsewhere" / "data"
    home.mkdir()
    name, *options = command
    done = haechi(name, here / "day.csv", *options, "--json", folder=home, data_dir=data)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert [*home.iterdir()] == []
    assert [path for path in (here / "elsewhere").rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_ctrl_c_ends_a_replay_in_order(here: Path, eventually: Eventually) -> None:
    """Status 130, at once, with no result, no trace of Python, and nothing left behind."""
    settings = environment(data_dir=here / "data")
    command = [*HAECHI, "replay", str(here / "day.csv"), "--speed", "1", "--json"]
    replay = Actor(command, settings, here / "replay.log")
    replay.start()
    try:
        eventually(lambda: "readings read" in replay.said(), within_s=START_S)
        assert replay.end(signal.SIGINT) == 130
    finally:
        replay.kill()
    assert "Traceback" not in replay.said()
    assert '"ledger"' not in replay.said()
    assert [*(here / "data").glob("*/*")] == []
