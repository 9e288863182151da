"""Where the programs under test are, and how one is started, watched and certainly stopped."""

import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S_MAX = 60
STOP_S_MAX = 20


def binary():
    return Path(os.environ.get("PENSTOCK_BINARY") or ROOT / "build/release/penstock").absolute()


def bench_program(name):
    """A program of bench/, built beside the binary; PENSTOCK_BENCH names another folder."""
    return Path(os.environ.get("PENSTOCK_BENCH") or binary().parent / "bench") / name


def wait_until(condition, what, seconds=20.0, every=0.02):
    """The first true value of `condition()`; fails the test, naming `what` was awaited, after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(every)


class Program:
    """A child process with a port file and a log, stopped on exit from `with` whatever happens."""

    start_s_max = START_S_MAX

    def __init__(self, command, folder, name, env=None, preexec=None):
        self.log_path = folder / f"{name}.log"
        self.port_path = folder / f"{name}.port"
        self.port_path.unlink(missing_ok=True)
        self.command = [*map(str, command), "--port-file", str(self.port_path)]
        self.env = {**os.environ, **(env or {})}
        self.preexec = preexec
        self.process = None
        self.port = None

    def start(self):
        self.port_path.unlink(missing_ok=True)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self.preexec,
            )
        self.port = int(wait_until(self._port, f"{self.command[0]} listens", self.start_s_max))
        return self

    def _port(self):
        code = self.process.poll()
        assert code is None, f"{self.command[0]} ended with {code}:\n{self.log()[-4000:]}"
        return self.port_path.exists() and self.port_path.read_text()

    def stop(self):
        """Asks it to end and gives its exit code; kills it where it does not."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.kill()

    def kill(self):
        """SIGKILL to it and to everything that it started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def log(self):
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def run(*arguments, env=None, stdin="", timeout=60):
    """One command of the binary, to its end."""
    return subprocess.run(
        [binary(), *map(str, arguments)],
        env={**os.environ, **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
