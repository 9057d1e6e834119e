"""Six folders with everyday names share the environment with strangers (style guide 7): each must have one owner."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module, metadata
from pathlib import Path

import pytest

from bot import packaging

ROOT = Path(__file__).parents[2]
FOLDERS = packaging.PACKAGES


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheel, built without the network and unpacked the way an installer would."""
    pytest.importorskip("hatchling", reason="hatchling comes with the lock file; ./run test has it")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def owners(*places: str) -> dict[str, set[str]]:
    """Which distributions claim each folder, in these places."""
    found: dict[str, set[str]] = {folder: set() for folder in FOLDERS}
    for one in metadata.distributions(path=list(places)):
        for file in one.files or ():
            if file.parts[0] in found and len(file.parts) > 1:
                found[file.parts[0]].add(one.metadata["Name"])
    return found


def test_our_wheel_owns_the_six_and_nothing_else(wheel):
    assert owners(str(wheel)) == {folder: {"officebot"} for folder in FOLDERS}
    packed = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert packed == set(FOLDERS)


def test_no_stranger_in_this_environment_claims_one_of_the_six():
    assert packaging.strangers() == {}


def test_a_stranger_with_a_folder_of_ours_is_noticed(tmp_path, monkeypatch):
    info = tmp_path / "settings_for_all-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: settings-for-all\nVersion: 1.0\n")
    (info / "RECORD").write_text("config/__init__.py,,\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert "settings-for-all" in packaging.strangers()["config"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_imported_is_this_checkout(folder):
    assert Path(import_module(folder).__file__ or "").parent == ROOT / folder


def test_data_files_travel_with_their_package(wheel):
    listed = subprocess.run(["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [name for name in listed.splitlines() if (ROOT / name).is_file()]
    assert "config/example.yaml" in files
    assert [name for name in files if not (wheel / name).is_file()] == []


def test_it_can_never_be_uploaded_by_accident():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
    assert project["name"] not in FOLDERS


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_name_no_index(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = [row for row in text.splitlines() if row and row[0] not in " #"]
    assert pinned
    assert all("==" in row and row.endswith("\\") for row in pinned)
    assert "://" not in text
    assert "index-url" not in text


def test_a_newer_release_of_what_is_locked_stops_no_installation():
    """pip resolves `coverage[toml]` anew, finds what came out after the lock, and has no hash for it."""
    run = (ROOT / "run").read_text(encoding="utf-8")
    installs = [row for row in run.splitlines() if '-r "$here/$lock"' in row]
    assert installs
    assert all("--require-hashes --no-deps" in row for row in installs)


def test_both_locks_agree():
    pins = {}
    for name in ("requirements.lock", "requirements-dev.lock"):
        rows = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pins[name] = {row.split()[0] for row in rows if row and row[0] not in " #"}
    assert pins["requirements.lock"] <= pins["requirements-dev.lock"]
