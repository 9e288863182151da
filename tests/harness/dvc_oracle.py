"""Runs DVC's command line again and again in one process that forks: importing it takes a second each time.

Started with the Python of `tests/setup`'s python_data. Reads one JSON object per line, {"cwd", "env",
"arguments"}; answers with {"status", "out", "err"}.
"""

import json
import os
import sys
import tempfile


def answer(call):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            status = 250
            try:
                os.chdir(call["cwd"])
                os.environ.clear()
                os.environ.update(call["env"])
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                from dvc.cli import main

                status = main(call["arguments"])
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status & 255)
        _, waited = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {
            "status": os.waitstatus_to_exitcode(waited),
            "out": out.read().decode(errors="surrogateescape"),
            "err": err.read().decode(errors="surrogateescape"),
        }


def serve():
    import dvc.cli  # noqa: F401
    import dvc.commands.data_sync  # noqa: F401
    import dvc.repo  # noqa: F401
    import dvc.repo.index  # noqa: F401
    import dvc_data.index.checkout  # noqa: F401

    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
