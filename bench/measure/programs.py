"""Starts the programs under measurement on cores of their own, and reads what they cost."""

import json
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
START_S_MAX = 60
STOP_S_MAX = 20
PRIORITY = -20  # nice; root only


def binary():
    return Path(os.environ.get("PENSTOCK_BINARY") or BUILD / "penstock").absolute()


def bench_program(name):
    return Path(os.environ.get("PENSTOCK_BENCH") or binary().parent / "bench") / name


def on_cores(cores):
    """What a child does before it begins: keep to `cores`, and run before others where that is allowed."""

    def prepare():
        os.sched_setaffinity(0, cores)
        os.setsid()  # Linux weighs sessions against each other before it looks at priorities within them
        try:
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
            Path("/proc/self/autogroup").write_text(str(PRIORITY))
        except OSError:
            pass

    return prepare


class Program:
    """A child on given cores, with everything it prints in a log, and ended with the `with`."""

    def __init__(self, command, folder, cores, env=None, port_file=True, port=None):
        self.name = Path(str(command[0])).name
        self.log = folder / f"{self.name}-{time.monotonic_ns()}.log"
        self.port_path = self.log.with_suffix(".port")
        self.port = port
        flag = ["--port-file", self.port_path] if port_file else []
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in [*command, *flag]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(env or {})},
                preexec_fn=on_cores(cores),
            )

    def wait_for_port(self):
        self.wait_until(self.port_path.exists)
        self.port = int(self.port_path.read_text())
        return self

    def wait_until(self, condition):
        deadline = time.monotonic() + START_S_MAX
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def cpu_us(self):
        """CPU time of all its threads that still live, in microseconds."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except OSError:
                pass  # the thread ended meanwhile
        return total / 1000

    def rss_mb(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def load(port, body, cores, *, connections, seconds, warm_up_s=1, path="/v1/chat/completions", headers=()):
    """The report of bench/load. `body` is a file."""
    command = [bench_program("load"), "--port", port, "--body", body, "--path", path]
    command += ["--connections", connections, "--seconds", seconds, "--warm-up-s", warm_up_s]
    for header in headers:
        command += ["--header", header]
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=seconds + warm_up_s + 60,
        preexec_fn=on_cores(cores),
    )
    if done.returncode != 0:
        raise SystemExit(f"load failed: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def machine_busy_us():
    """CPU time that the whole machine has spent, in microseconds."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    busy = sum(fields[:3]) + sum(fields[5:8])  # without idle and waiting for disks
    return busy * 1_000_000 / os.sysconf("SC_CLK_TCK")
