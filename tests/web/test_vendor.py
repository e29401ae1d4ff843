"""What came from npm is what was locked, and the lock says nothing about where it came from."""

import json

from deploy.vendor import LOCK, PLAN, ROOT, differing, main, sprite


def test_the_committed_files_are_those_of_the_lock(capsys):
    assert main(["--check"]) == 0
    assert "as locked" in capsys.readouterr().out


def test_a_changed_byte_and_a_missing_file_are_noticed(tmp_path):
    files = json.loads(LOCK.read_text())["files"]
    name = "web/static/vendor/htmx.min.js"
    changed = tmp_path / name
    changed.parent.mkdir(parents=True)
    changed.write_bytes((ROOT / name).read_bytes() + b"\n")
    assert set(differing(files, tmp_path)) == set(files)
    changed.write_bytes((ROOT / name).read_bytes())
    assert set(differing(files, tmp_path)) == set(files) - {name}


def test_all_that_the_plan_names_is_locked_by_exact_version():
    plan, lock = json.loads(PLAN.read_text()), json.loads(LOCK.read_text())
    targets = {target for files in plan["packages"].values() for target in files.values()}
    assert set(lock["files"]) == targets | {plan["icons"]["sprite"]}
    assert set(lock["tarballs"]) == set(plan["packages"])
    assert all(package.rpartition("@")[2].replace(".", "").isdigit() for package in plan["packages"])


def test_the_lock_holds_no_address():
    assert "://" not in LOCK.read_text()
    assert "://" not in PLAN.read_text()


def test_every_package_brings_its_licence():
    plan = json.loads(PLAN.read_text())
    assert all(any("LICENSE" in target for target in files.values()) for files in plan["packages"].values())


def test_the_sprite_has_one_symbol_an_icon():
    drawn = sprite({"b": b'<svg a="1">\n <path d="x"/>\n</svg>', "a": b"<svg><g/></svg>"}).decode()
    assert drawn.index('id="a"') < drawn.index('id="b"')
    assert '<symbol id="b" viewBox="0 0 24 24"><path d="x"/></symbol>' in drawn
