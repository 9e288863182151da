"""Starts the programs under measurement on cores of their own, and reads what they cost."""

import contextlib
import json
import os
import resource
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
START_S_MAX = 60
STOP_S_MAX = 20
DESCRIPTORS_MAX = 65_536  # tens of thousands of streams
PRIORITY = -20  # nice; root only


def binary():
    return Path(os.environ.get("PENSTOCK_BINARY") or BUILD / "penstock").absolute()


def bench_program(name):
    return Path(os.environ.get("PENSTOCK_BENCH") or binary().parent / "bench") / name


def allow_descriptors():
    """Raises the limit on open files as far as this user may, and gives it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS_MAX, max(DESCRIPTORS_MAX, hard)))
        return DESCRIPTORS_MAX
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def on_cores(cores):
    """What a child does before it begins: keep to `cores`, and run before others where that is allowed."""

    def prepare():
        os.sched_setaffinity(0, cores)
        allow_descriptors()
        os.setsid()  # Linux weighs sessions against each other before it looks at priorities within them
        try:
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
            Path("/proc/self/autogroup").write_text(str(PRIORITY))
        except OSError:
            pass

    return prepare


def _text(path):
    """What stands in a file of /proc; nothing where its process or thread has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _tasks(pid):
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


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

    def wait_until(self, condition, seconds=START_S_MAX):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def family(self):
        """Process ids of it and of all that it started."""
        found, unseen = [], [self.process.pid]
        while unseen:
            pid = unseen.pop()
            found.append(pid)
            for task in _tasks(pid):
                unseen += map(int, _text(task / "children").split())
        return found

    def cpu_us(self):
        """CPU time of all threads that still live, of its children too, in microseconds."""
        tasks = [task for pid in self.family() for task in _tasks(pid)]
        return sum(int((_text(task / "schedstat") or "0").split()[0]) for task in tasks) / 1000

    def rss_mb(self):
        """Resident memory of it and of its children."""
        lines = [line for pid in self.family() for line in _text(Path(f"/proc/{pid}/status")).splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

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


def load_command(
    port, body, *, connections, seconds, warm_up_s=1, rate=0, path="/v1/chat/completions", headers=()
):
    """bench/load's command line. `body` is a file, `rate` in requests/s opens the loop."""
    command = [bench_program("load"), "--port", port, "--body", body, "--path", path]
    command += ["--connections", connections, "--seconds", seconds, "--warm-up-s", warm_up_s]
    if rate:
        command += ["--rate", round(rate)]
    for header in headers:
        command += ["--header", header]
    return [str(word) for word in command]


def load(port, body, cores, **options):
    """The report of bench/load."""
    command = load_command(port, body, **options)
    wait_s = options["seconds"] + options.get("warm_up_s", 1) + 60
    done = subprocess.run(command, capture_output=True, text=True, timeout=wait_s, preexec_fn=on_cores(cores))
    if done.returncode != 0:
        raise SystemExit(f"load failed: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def machine_busy_us():
    """CPU time that the whole machine has spent, in microseconds."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    busy = sum(fields[:3]) + sum(fields[5:8])  # without idle and waiting for disks
    return busy * 1_000_000 / os.sysconf("SC_CLK_TCK")
