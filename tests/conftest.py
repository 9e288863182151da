"""Fixtures: programs that every test gets fresh or shares, and what they logged when a test fails."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.programs import ROOT, binary
from harness.server import DEFAULT_ENGINES, DOORS_CONFIG, GATEWAY_CONFIG, NO_ENGINES, Penstock
from harness.upstream import MockUpstream

_started = []  # programs whose logs belong to the test that runs


def pytest_addoption(parser):
    parser.addoption("--data-kill-rounds", type=int, default=12, help="of commands (test_dvc_crash.py)")
    parser.addoption("--kill-rounds", type=int, default=5, help="kill -9 in mid-load (test_kill9_*.py)")
    parser.addoption("--parity-requests", type=int, default=10_000, help="billed (test_token_parity.py)")
    parser.addoption("--keycloak", action="store_true", help="log in at a real one (test_oidc_keycloak.py)")


def pytest_sessionstart():
    if not binary().exists():
        pytest.exit(f"{binary()} is not there: run ./run --build-only, or set PENSTOCK_BINARY", returncode=2)
    if "PENSTOCK_MODELS" not in os.environ:  # ./run and ./test set it
        fetch = [ROOT / "tools/third_party/fetch", "--print", "smollm2", "minilm"]
        prefixes = subprocess.run(fetch, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        os.environ["PENSTOCK_MODELS"] = ":".join(prefixes)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for program in _started:
            report.sections.append((f"log of {program.log_path.name}", program.log()[-8000:]))
    return report


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("session")


@pytest.fixture(scope="session")
def upstream(session_folder):
    """A mock upstream for all tests; its answers have 8 tokens."""
    with MockUpstream(session_folder, arguments=["--events", "8"]) as program:
        _started.append(program)
        yield program


@pytest.fixture(scope="session")
def weights():
    """The chat model's file, as ./run fetched it."""
    folders = os.environ["PENSTOCK_MODELS"].split(":")
    return next(path for folder in folders for path in Path(folder).rglob("SmolLM2*.gguf"))


@pytest.fixture
def ledger(upstream):
    """The upstream with an empty ledger."""
    upstream.clear()
    return upstream


@pytest.fixture(scope="session")
def server(session_folder, upstream):
    """A server without engines that all tests share; none of them may stop it."""
    config = GATEWAY_CONFIG.format(upstream=upstream.port, engines=NO_ENGINES)
    with Penstock(session_folder, config) as program:
        _started.append(program)
        yield program


@pytest.fixture(scope="session")
def doors(session_folder, upstream):
    """A server before upstreams of either protocol that all tests share; none of them may stop it."""
    folder = session_folder / "doors"
    folder.mkdir()
    with Penstock(folder, DOORS_CONFIG.format(upstream=upstream.port, engines=NO_ENGINES)) as program:
        _started.append(program)
        yield program


@pytest.fixture(scope="session")
def clients():
    """Where tests/setup put the clients that do not run in this interpreter."""
    return json.loads(subprocess.check_output([ROOT / "tests/setup", "--print"], text=True))


@pytest.fixture(scope="session")
def registered_data(session_folder, upstream):
    """A data directory in which the default models are registered, for copies of it."""
    config = GATEWAY_CONFIG.format(upstream=upstream.port, engines="")
    data = session_folder / "registered"
    Penstock(session_folder, config, name="registers", data=data).start().stop()
    return data


def _copied(data, to):
    """A copy without the sockets that a server leaves behind when it is killed: those cannot be copied."""
    return shutil.copytree(data, to, ignore=shutil.ignore_patterns("run"))


@pytest.fixture(scope="session")
def engine_server(session_folder, upstream, registered_data):
    """A server with both embedded models that all tests share. Starting one takes seconds."""
    config = GATEWAY_CONFIG.format(upstream=upstream.port, engines=DEFAULT_ENGINES)
    data = _copied(registered_data, session_folder / "engine_data")
    with Penstock(session_folder, config, name="with_engines", data=data) as program:
        _started.append(program)
        yield program


@pytest.fixture
def start_engine_server(start_server, registered_data, tmp_path):
    """Makes servers with engines of a test's own."""

    def start(**options):
        data = _copied(registered_data, tmp_path / "data")
        return start_server(engines=DEFAULT_ENGINES, data=data, **options)

    return start


@pytest.fixture
def start_server(tmp_path, upstream):
    """Makes servers of a test's own; all are stopped at its end."""
    made = []

    def start(config=GATEWAY_CONFIG, name="penstock", engines=NO_ENGINES, **options):
        text = config.format(upstream=upstream.port, engines=engines)
        program = Penstock(tmp_path, text, name=name, **options)
        made.append(program)
        _started.append(program)
        return program.start()

    yield start
    for program in made:
        program.stop()
        _started.remove(program)


@pytest.fixture
def start_upstream(tmp_path):
    """Makes mock upstreams of a test's own; all are stopped at its end."""
    made = []

    def start(*arguments, name="own_upstream"):
        made.append(MockUpstream(tmp_path, name=name, arguments=arguments))
        _started.append(made[-1])
        return made[-1].start()

    yield start
    for program in made:
        program.stop()
        _started.remove(program)
