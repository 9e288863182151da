"""dvc 3.67.1 and `penstock data` on one repository.

Each scenario is run by dvc alone, by penstock alone, and by the two in turn. All must leave the same bytes
in metadata, cache, remote and work tree, and say the same in `status`, `data status` and `diff`.
"""

import json
import os
import shutil

import pytest
from harness.data_repository import DataRepository, Oracle, sorted_lists

SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


@pytest.fixture(scope="module")
def oracle():
    oracle = Oracle()
    yield oracle
    oracle.close()


def begin(repository):
    repository.run("init")
    repository.commit_all("init")


@scenario
def one_file(r):
    r.write("a.txt", "hello\n")
    r.run("add", "a.txt")
    r.look()
    r.commit_all()
    r.look()


@scenario
def an_executable_file(r):
    r.write("tool.sh", "#!/bin/sh\n", 0o755)
    r.run("add", "tool.sh")
    r.commit_all()
    (r.root / "tool.sh").unlink()
    r.run("checkout")
    r.look()


@scenario
def a_nested_folder(r):
    for path in ("d/x", "d/sub/y", "d/sub/deep/z"):
        r.write(path, path)
    r.run("add", "d")
    r.look()
    r.commit_all()
    r.write("d/x", "changed")
    (r.root / "d/sub/y").unlink()
    r.write("d/new", "new")
    r.look()
    r.run("commit", "-f", "d")
    r.look()


@scenario
def unusual_names(r):
    plain = ("ü ñ 漢字.txt", "a: b", "# hash", "quote'\"", "-dash", "* star?[x]!")
    for name in (*plain, "new\nline", "cr\r\nlf", "back\\slash", "\U0001f600"):
        r.write("d/" + name, name)
    r.run("add", "d")
    r.look()
    r.commit_all()


def _file_with_name(name):
    def steps(r):
        r.write(name, "content")
        r.run("add", "--", name)
        r.look()
        r.commit_all()
        (r.root / name).unlink()
        r.run("checkout")
        r.look()

    return steps


for _key, _name in {
    "colon": "a: b.csv",
    "unicode": "größe 漢字.csv",
    "quotes": "it's \"quoted\".csv",
    "brackets_and_stars": "x[1]*.csv",
    "number": "2024",
    "date": "2024-01-01",
    "long_with_spaces": "a long file name with many words in it " * 5,
    "hash_and_at": "@x #y.csv",
    "true": "true",
    "trailing_dot": "name.",
}.items():
    SCENARIOS["a_file_named_" + _key] = _file_with_name(_name)


@scenario
def an_empty_file_and_an_empty_folder(r):
    r.write("empty", "")
    (r.root / "nothing").mkdir()
    r.run("add", "empty", "nothing")
    r.look()
    r.commit_all()


@scenario
def many_files(r):
    for i in range(300):
        r.write(f"d/{i % 7}/{i}.txt", str(i % 50))
    r.run("add", "d")
    r.look()
    r.commit_all()
    shutil.rmtree(r.root / "d")
    r.run("checkout")
    r.look()


@scenario
def symbolic_links_in_a_folder(r):
    r.write("d/x", "x")
    r.write("elsewhere/y", "y")
    (r.root / "d/link").symlink_to("x")
    (r.root / "d/folder").symlink_to("../elsewhere")
    r.run("add", "d")
    r.look()
    r.commit_all()


@scenario
def text_with_both_line_ends(r):
    r.write("unix.txt", "a\nb\n")
    r.write("dos.txt", "a\r\nb\r\n")
    r.run("add", "unix.txt", "dos.txt")
    r.look()
    r.commit_all()


@scenario
def dvcignore(r):
    r.write(".dvcignore", "*.tmp\n!keep.tmp\n/d/secret/\n# comment\n")
    for path in ("d/x", "d/x.tmp", "d/keep.tmp", "d/secret/y", "d/sub/z.tmp"):
        r.write(path, path)
    r.run("add", "d")
    r.look()
    r.commit_all()


@scenario
def adding_again_changes_nothing(r):
    r.write("d/x", "x")
    r.run("add", "d")
    r.commit_all()
    r.run("add", "d")
    r.run("add", "d/x")
    r.look()


@scenario
def a_file_within_a_tracked_folder(r):
    r.write("d/x", "x")
    r.write("d/y", "y")
    r.run("add", "d")
    r.commit_all()
    r.write("d/z", "zz")
    r.run("add", "d/z")
    r.look()
    r.write("d/x", "xxx")
    r.run("add", "d/x")
    r.look()
    (r.root / "d/y").unlink()
    r.run("add", "d/y")
    r.look()


@scenario
def renames(r):
    r.write("a", "content a")
    r.write("d/x", "content x")
    r.run("add", "a", "d")
    r.commit_all()
    os.rename(r.root / "d/x", r.root / "d/moved")
    r.look()
    r.run("move", "a", "b")
    r.look()
    (r.root / "sub").mkdir()
    r.run("move", "b", "sub")
    r.look()


@scenario
def removing(r):
    r.write("a", "a")
    r.write("sub/b", "b")
    r.write("sub/c", "c")
    r.run("add", "a", "sub/b", "sub/c")
    r.commit_all()
    r.run("remove", "sub/b.dvc")
    r.commit_all()  # dvc fails where Git misses a file
    r.look()
    r.run("remove", "--outs", "a.dvc")
    r.commit_all()
    r.look()
    r.run("remove", "sub/c", fails=True)


@scenario
def branches(r):
    r.write("a", "one")
    r.write("d/x", "one")
    r.run("add", "a", "d")
    r.commit_all()
    r.git("checkout", "-q", "-b", "other")
    r.write("a", "two")
    r.write("d/y", "two")
    r.run("add", "a", "d")
    r.commit_all()
    r.git("checkout", "-q", "main")
    r.look()
    r.run("checkout")
    r.look()
    r.git("checkout", "-q", "other")
    r.run("checkout", "a")
    r.run("checkout", "d")
    r.look()
    r.seen.append(sorted_lists(json.loads(r.run("diff", "--json", "main", "other"))))


@scenario
def unsaved_changes_stop_a_checkout(r):
    r.write("a", "one")
    r.write("d/x", "one")
    r.run("add", "a", "d")
    r.commit_all()
    r.write("a", "never saved")
    r.write("d/y", "never saved")
    r.run("checkout", fails=True)
    r.look()
    r.run("checkout", "--force")
    r.look()


@scenario
def no_commit_then_commit(r):
    r.write("d/x", "x")
    r.run("add", "--no-commit", "d")
    r.look()
    r.run("commit", "-f", "d.dvc")
    r.look()


@scenario
def a_missing_object(r):
    r.write("a", "a")
    r.write("d/x", "x")
    r.run("add", "a", "d")
    r.commit_all()
    (r.root / ".dvc/cache/files/md5/0c/c175b9c0f1b6a831c399e269772661").unlink()
    r.look()
    (r.root / "a").unlink()
    r.run("checkout", fails=True)
    r.look()


@scenario
def a_corrupted_object(r):
    r.write("a", "a")
    r.run("add", "a")
    r.commit_all()
    object = r.root / ".dvc/cache/files/md5/0c/c175b9c0f1b6a831c399e269772661"
    object.chmod(0o644)
    object.write_bytes(b"x")
    r.run("status", "--json")
    r.look()


def _links(kind):
    def steps(r):
        r.run("config", "cache.type", kind)
        r.write("a", "content")
        r.write("d/x", "x")
        r.write("d/empty", "")
        r.run("add", "a", "d")
        r.look()
        r.commit_all()
        shutil.rmtree(r.root / "d")
        (r.root / "a").unlink()
        r.run("checkout")
        r.look()
        r.run("unprotect", "a")
        r.run("unprotect", "d")
        r.run("config", "cache.type", "copy")
        r.run("checkout", "--relink")
        r.look()

    return steps


for _kind in ("copy", "hardlink", "symlink", "reflink,copy", "hardlink,symlink"):
    SCENARIOS["links_" + _kind.replace(",", "_")] = _links(_kind)


@scenario
def a_shared_cache(r):
    (r.folder / "shared").mkdir()
    r.run("config", "cache.dir", "../shared")
    r.run("config", "cache.shared", "group")
    r.write("a", "a")
    r.write("d/x", "x")
    r.run("add", "a", "d")
    r.look()
    r.commit_all()


def _legacy(content):
    """An entry as DVC 2 wrote it: no `hash`, objects in the cache's own folders, CR LF hashed as LF."""

    def steps(r):
        import hashlib

        text = content.replace(b"\r\n", b"\n") if b"\0" not in content else content
        md5 = hashlib.md5(text).hexdigest()
        r.write("old.txt", content)
        r.write("old.txt.dvc", f"outs:\n- md5: {md5}\n  size: {len(content)}\n  path: old.txt\n")
        r.write(".gitignore", "/old.txt\n")
        cache = r.root / ".dvc/cache" / md5[:2]
        cache.mkdir(parents=True)
        (cache / md5[2:]).write_bytes(content)
        (cache / md5[2:]).chmod(0o444)
        r.commit_all()
        r.look()
        (r.root / "old.txt").unlink()
        r.run("checkout")
        r.look()
        r.write("old.txt", b"new " + content)
        r.look()
        r.run("add", "old.txt")
        r.look()

    return steps


SCENARIOS["an_entry_of_dvc_2"] = _legacy(b"one\ntwo\n")
SCENARIOS["an_entry_of_dvc_2_with_crlf"] = _legacy(b"one\r\ntwo\r\n")
SCENARIOS["a_binary_entry_of_dvc_2"] = _legacy(b"one\r\n\0\r\n")


@scenario
def comments_in_a_dvc_file_stay(r):
    r.write("a", "a")
    r.run("add", "a")
    text = (r.root / "a.dvc").read_text()
    more = "  path: a  # where\n  desc: first\n  meta:\n    who: me\n    n: 3\n# end"
    text = "# head\n" + text.replace("  path: a", more)
    (r.root / "a.dvc").write_text(text)
    r.commit_all()
    r.write("a", "changed")
    r.run("add", "a")
    r.look()


@scenario
def configuration(r):
    r.run("config", "core.autostage", "true")
    r.run("remote", "add", "-d", "first", "../remote")
    r.run("remote", "add", "second", "s3://bucket/path")
    r.run("remote", "modify", "second", "region", "eu-west-1")
    r.run("remote", "rename", "second", "third")
    r.run("remote", "modify", "--local", "third", "access_key_id", "a,b")
    r.run("remote", "default", "third")
    r.run("config", "--unset", "core.autostage")
    r.run("remote", "remove", "first")
    r.run("config", "cache.dir", "cache2")
    r.seen.append(sorted(r.run("config", "--list").replace(str(r.folder), "").splitlines()))
    r.seen.append(r.run("config", "core.remote").strip())
    r.run("config", "core.nothing.at.all", "x", fails=True)


@scenario
def autostage(r):
    r.run("config", "core.autostage", "true")
    r.write("a", "a")
    r.run("add", "a")
    r.git("commit", "-qm", "staged")
    r.look()


@scenario
def a_local_remote(r):
    r.run("remote", "add", "-d", "storage", "../remote")
    r.write("a", "a")
    r.write("d/x", "x")
    r.write("d/sub/y", "y")
    r.run("add", "a", "d")
    r.commit_all()
    r.seen.append(json.loads(r.run("status", "-c", "--json")))
    r.run("push")
    r.seen.append(json.loads(r.run("status", "-c", "--json")))
    shutil.rmtree(r.root / ".dvc/cache")
    r.seen.append(json.loads(r.run("status", "-c", "--json")))
    shutil.rmtree(r.root / "d")
    r.run("pull")
    r.look()
    r.run("push")


@scenario
def a_part_of_a_remote(r):
    r.run("remote", "add", "-d", "storage", "../remote")
    r.write("a", "a")
    r.write("d/x", "x")
    r.write("d/sub/y", "y")
    r.run("add", "a", "d")
    r.commit_all()
    r.run("push", "d/sub/y")
    r.run("push", "a.dvc")
    shutil.rmtree(r.root / ".dvc/cache")
    r.run("fetch", "a")
    r.run("fetch", "-r", "storage", "a")


@scenario
def all_branches_and_garbage(r):
    r.run("remote", "add", "-d", "storage", "../remote")
    for branch in ("one", "two", "three"):
        r.git("checkout", "-q", "-B", branch)
        r.write("a", branch)
        r.write("d/x", branch + " x")
        r.run("add", "a", "d")
        r.commit_all()
    r.run("push", "--all-branches")
    r.git("branch", "-D", "one")
    r.run("gc", "-f", "--workspace", "--all-branches")
    r.run("gc", "-f", "--workspace")
    r.run("gc", "-f", "-w", "-c")
    r.look()
    r.run("gc", "-f", fails=True)


@scenario
def overlapping_outputs_are_refused(r):
    r.write("d/x", "x")
    r.run("add", "d/x")
    r.run("add", "d", fails=True)
    r.look()


@scenario
def what_git_tracks_is_refused(r):
    r.write("a", "a")
    r.commit_all()
    r.run("add", "a", fails=True)
    r.run("add", "missing", fails=True)


@scenario
def below_a_folder(r):
    r.write("deep/er/a", "a")
    r.run("add", "a", cwd="deep/er")
    r.seen.append(sorted_lists(json.loads(r.run("status", "--json", cwd="deep"))))
    r.write("deep/er/a", "b")
    r.seen.append(sorted_lists(json.loads(r.run("status", "--json", cwd="deep"))))
    r.run("add", "er/a", cwd="deep")
    r.commit_all()
    r.look()


@scenario
def imported_by_path(r):
    r.write("source/a", "a")
    r.commit_all()
    r.run("import-url", "source/a", "b")
    r.look()
    r.write("source/a", "newer")
    r.seen.append(sorted_lists(json.loads(r.run("status", "--json"))))
    r.run("update", "b.dvc")
    r.look()


@scenario
def imported_from_a_repository(r):
    import subprocess

    source = r.folder / "source"
    source.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=source, env=r.env, check=True)
    r._oracle.run(source, r.env, ["init"])
    (source / "data").write_text("data")
    (source / "plain").write_text("plain")
    r._oracle.run(source, r.env, ["add", "data"])
    for command in (["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=source, env=r.env, check=True)
    r.run("import", "../source", "data")
    r.run("import", "../source", "plain", "-o", "copied")
    r.seen.append(sorted_lists(json.loads(r.run("status", "--json"))))
    r.commit_all()


@scenario
def a_pipeline(r):
    r.write("raw.txt", "abc\n")
    r.write("params.yaml", "lr: 0.001\nmodel:\n  depth: 3\n")
    r.write(
        "dvc.yaml",
        "stages:\n"
        "  prepare:\n    cmd: sed s/a/b/ raw.txt > clean.txt\n    deps: [raw.txt]\n"
        "    outs: [clean.txt]\n"
        "  train:\n    cmd: cp clean.txt model && echo '{\"auc\":0.5}' > metrics.json\n"
        "    deps: [clean.txt]\n"
        "    params: [lr, model.depth]\n    outs: [model]\n"
        "    metrics:\n    - metrics.json:\n        cache: false\n",
    )
    r.run("repro")
    r.commit_all()
    r.look()
    r.run("repro")
    r.write("params.yaml", "lr: 0.01\nmodel:\n  depth: 3\n")
    r.look()
    r.seen.append(sorted_lists(json.loads(r.run("params", "diff", "--json"))))
    r.write("metrics.json", '{"auc": 0.75}\n')
    r.seen.append(sorted_lists(json.loads(r.run("metrics", "diff", "--json"))))
    r.seen.append(sorted_lists(json.loads(r.run("metrics", "show", "--json"))))
    r.run("repro", "train")
    r.look()
    # The run cache, which penstock has not, and what only it needs: an object of an output without a cache.
    shutil.rmtree(r.root / ".dvc/cache/runs", ignore_errors=True)
    (r.root / ".dvc/cache/files/md5/49/dc8478ba8eed12976c91991826810d").unlink(missing_ok=True)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_both_leave_the_same(name, tmp_path, oracle):
    def play(who):
        repository = DataRepository(tmp_path / who, who, oracle)
        begin(repository)
        SCENARIOS[name](repository)
        return repository

    expected = play("dvc")
    # Who begins the turns differs from scenario to scenario.
    turns = "turns" if sorted(SCENARIOS).index(name) % 2 == 0 else "turns-2"
    for who in ("penstock", turns):
        got = play(who)
        for theirs, ours in zip(expected.seen, got.seen, strict=True):
            assert ours == theirs, who
        assert got.snapshot() == expected.snapshot(), who
        shutil.rmtree(got.folder, ignore_errors=True)
