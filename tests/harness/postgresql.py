"""A real PostgreSQL server from Debian, on a free port and in a directory of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess

from .programs import STOP_S_MAX, wait_until

PROGRAMS = "/usr/lib/postgresql/15/bin"
USER = "penstock"
PASSWORD = "open sesame/%@"
ESCAPED_PASSWORD = "open%20sesame%2F%25%40"


class Postgresql:
    """Stopped on exit from `with`. PostgreSQL refuses to run as root: then it runs as its own user."""

    def __init__(self, folder):
        self.folder = folder / "postgresql"
        self.folder.mkdir(mode=0o755)
        for parent in self.folder.parents:  # pytest's folders are for their owner alone
            if parent.stat().st_uid == os.getuid() and parent.stat().st_mode & 0o777 == 0o700:
                parent.chmod(0o711)
        self.data = self.folder / "data"
        self.account = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self.port = free_port()
        self.process = None
        password = self.folder / "password"
        password.write_text(PASSWORD + "\n")
        if self.account:
            shutil.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
            shutil.chown(password, self.account.pw_uid, self.account.pw_gid)
        login = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={password}"]
        self._run("initdb", *login, "-E", "UTF8", "--no-sync")

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            self._command("postgres", "-p", self.port, "-k", self.folder, "-c", "fsync=off"),
            stdout=log,
            stderr=log,
        )
        wait_until(self._answers, "PostgreSQL answers", 60)
        return self

    def stop(self, how=signal.SIGINT):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(STOP_S_MAX)
            self.process = None

    def url(self, database="postgres"):
        return f"postgresql://{USER}:{ESCAPED_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def make_database(self, name):
        self.query(f"CREATE DATABASE {name}")
        return self.url(name)

    def query(self, sql, database="postgres"):
        """What psql prints for it."""
        done = self._psql("-v", "ON_ERROR_STOP=1", "-At", "-c", sql, database=database)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _answers(self):
        return self._psql("-c", "SELECT 1").returncode == 0

    def _psql(self, *arguments, database="postgres"):
        server = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
        command = [f"{PROGRAMS}/psql", *server, *arguments, database]
        env = {**os.environ, "PGPASSWORD": PASSWORD}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)

    def _command(self, program, *arguments):
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if self.account else []
        return [*user, f"{PROGRAMS}/{program}", "-D", *map(str, [self.data, *arguments])]

    def _run(self, program, *arguments):
        done = subprocess.run(self._command(program, *arguments), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
