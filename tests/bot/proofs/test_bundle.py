"""A bundle checks itself with one file and nothing of ours; whatever is changed in it is found."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.proofs import bundle, keys, redaction, scope, verifier
from bot.proofs.bundle import Archive, Label
from bot.proofs.scope import Wish
from bot.proofs.summary import Book
from bot.proofs.wording import Words
from bot.sealing import Sealer
from connectors.clock import MovableClock
from handlers.approval import facts as approval_facts
from handlers.approval.language.book import Forms
from handlers.audit import log, notes, tree
from handlers.audit.facts import PERSONAL, Fact, Origin
from handlers.audit.notes import Signer
from handlers.context import Office

OFFICE = Office(name="局", areas={Forms: Forms()})
PAPER = b"%PDF-1.4 a certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested(Fact):
    KIND = "test.rested"

    item: str
    reason: str = field(default="", metadata=PERSONAL)
    place: str = field(default="", metadata=PERSONAL)
    content: dict[str, str] = field(default_factory=dict, metadata=PERSONAL)


class Packed:
    """Twenty facts under two heads, and the bundle of some of them."""

    def __init__(self, database, folder, now):
        self.database, self.folder, self.clock = database, folder, MovableClock(now)
        self.begun = now

    async def begin(self):
        sealer = Sealer(self.database, self.clock, self.folder)
        await self.database.write(partial(self._happen, first=0))
        self.first = await sealer.head()
        await self.database.write(partial(self._happen, first=10))
        self.head = await sealer.head()
        read = self.database.read
        wish = Wish(span=(self.begun, self.begun + timedelta(days=1)))
        places = await read(partial(scope.places, wish=wish, size=self.head.size))
        self.everything = await read(partial(bundle.proven, places=places, size=self.head.size))
        self.older = await read(partial(bundle.older, head=self.head))
        return self

    async def _happen(self, tx, first):
        for one in range(first, first + 10):
            fact = Rested(item=f"i{one}", reason="看病", place="=1+1", content={"phone": "13800000000", "days": "3"})
            await log.record(tx, fact, origin=Origin(person="p1"), now=self.clock.now())
        if first:
            attached = approval_facts.FilesAttached(
                item="i3", step=0, verb="submit", sha256=[sha256(PAPER).hexdigest()], files=[]
            )
            await log.record(tx, attached, origin=Origin(), now=self.clock.now())

    def files(self, facts=None, signer=None, keys_=None):
        """The bundle's files, as `verifier.read` gives them."""
        return verifier_read(self.zip(facts, signer, keys_))

    def zip(self, facts=None, signer=None, keys_=None):
        facts = self.everything if facts is None else facts
        with Book(self.folder / "summary.xlsx", title="全部") as book:
            book.add(facts, Words(office=OFFICE, names={"p1": "李四"}))
        path = self.folder / "x.zip"
        with Archive(path) as archive:
            archive.furnish(self.head, self.older)
            archive.put("facts.jsonl", "".join(one.line() + "\n" for one in facts).encode())
            archive.take("summary.xlsx", self.folder / "summary.xlsx")
            archive.put("slips/1.pdf", b"%PDF-1.4")
            archive.put(f"attachments/{sha256(PAPER).hexdigest()}", PAPER)
            label = Label(office="局", what="全部", made="2026-04-27 09:00:00")
            archive.seal(label, keys=keys_ or keys.public(self.folder), signer=signer or keys.load(self.folder))
        return path.read_bytes()

    @property
    def key(self):
        return keys.public(self.folder)[0].text


def verifier_read(data):
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
async def packed(sqlite_database, tmp_path, now):
    return await Packed(sqlite_database, tmp_path / "audit", now).begin()


async def test_a_bundle_proves_itself(packed):
    result = verifier.check(packed.files(), [packed.key], packed.first.note)
    assert result.bad == []
    said = "\n".join(result.good)
    assert "22 条记录都在封存的留痕里" in said
    assert "第 1 到 22 条连续" in said
    assert "1 个附件就是当时提交的" in said
    assert "您手里的 1 个校验码和证据包一致" in said
    assert any("不是电子签名法" in line for line in result.limits)


async def alone(folder, *arguments):
    """What the file says when it is run by itself."""
    command = [sys.executable, "-I", "-B", "verify.py", *arguments]
    run = partial(subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False)
    return await asyncio.to_thread(run)


async def test_it_is_checked_by_the_one_file_in_it_without_the_system(packed, tmp_path):
    """In another folder, another process, with none of our modules to be found."""
    (tmp_path / "x.zip").write_bytes(packed.zip())
    with zipfile.ZipFile(tmp_path / "x.zip") as data:
        data.extractall(tmp_path / "out")
    told = await alone(tmp_path / "out", "--key", packed.key)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "结论：核对通过。"
    facts = tmp_path / "out" / "facts.jsonl"
    facts.write_text(facts.read_text(encoding="utf-8").replace("i7", "i8", 1), encoding="utf-8")
    told = await alone(tmp_path / "out")
    assert told.returncode == 1
    assert "facts.jsonl 被改过" in told.stdout


async def test_what_it_cannot_know_is_said(packed):
    few = [one for number, one in enumerate(packed.everything) if number % 3 == 0]
    result = verifier.check(packed.files(few))
    assert result.bad == []
    for part in ("公钥取自证据包本身", "没有和以前发到群里", "不能证明没有漏掉", "1 个附件没有放进"):
        if part == "1 个附件没有放进" and any("i3" in one.leaf for one in few):
            continue
        assert any(part in line for line in result.limits), part


def forged(packed, change):
    """The files with one change, signed again by somebody who has the key: the proofs have to find it."""
    files = packed.files()
    change(files)
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: sha256(data).hexdigest() for name, data in files.items() if not name.startswith("manifest")
    }
    files["manifest.json"] = json.dumps(manifest).encode()
    text = f"{bundle.FORMAT}\n{sha256(files['manifest.json']).hexdigest()}\n"
    files["manifest.note"] = keys.load(packed.folder).sign(text).encode()
    return files


def line(files, number, change):
    lines = files["facts.jsonl"].decode().splitlines()
    data = json.loads(lines[number])
    change(data)
    lines[number] = json.dumps(data, ensure_ascii=False)
    files["facts.jsonl"] = ("\n".join(lines) + "\n").encode()


CHANGES = {
    "第 4 条": lambda files: line(files, 3, lambda one: one.update(leaf=one["leaf"].replace('"p1"', '"p2"'))),
    "第 5 条": lambda files: line(files, 3, lambda one: one.update(index=4)),
    "“理由”": lambda files: line(files, 3, lambda one: one["personal"]["reason"].update(value='"事假"')),
    "被换过": lambda files: files.update({f"attachments/{sha256(PAPER).hexdigest()}": b"another"}),
    "后来放进来": lambda files: files.update({f"attachments/{sha256(b'x').hexdigest()}": b"x"}),
    "次序不对": lambda files: files.update(
        {"facts.jsonl": b"\n".join(reversed(files["facts.jsonl"].splitlines())) + b"\n"}
    ),
    "格式不对": lambda files: line(files, 0, lambda one: one.pop("proof")),
}


@pytest.mark.parametrize("said", CHANGES)
async def test_whoever_has_the_key_still_cannot_change_a_record(packed, said):
    result = verifier.check(forged(packed, CHANGES[said]), [packed.key])
    assert any(said in one for one in result.bad), result.bad


def older(files, *entries):
    files["heads.json"] = json.dumps([*json.loads(files["heads.json"]), *entries]).encode()


async def test_a_head_that_the_bundle_only_says_it_had_does_not_stand_in_for_a_proof(packed):
    """History rewritten with the right key: the head that somebody holds is put in as it is, under another's name."""
    signer = keys.load(packed.folder)
    point = notes.Checkpoint(origin=signer.name, size=packed.first.size, root=bytes(32), at=packed.first.at)
    held = signer.sign(point.text)
    said = held.replace(f"— {signer.name} ", "— somebody/else ")
    files = forged(packed, lambda files: older(files, {"note": said, "proof": []}))
    result = verifier.check(files, [packed.key], held)
    assert any("和证据包的不一样" in one for one in result.bad), result.good


async def test_an_end_that_was_cut_off_is_seen_by_whoever_kept_a_head_of_before(packed):
    signer = keys.load(packed.folder)

    def kept(minutes):
        at = packed.head.at + timedelta(minutes=minutes)
        return signer.sign(notes.Checkpoint(origin=signer.name, size=999, root=bytes(32), at=at).text)

    result = verifier.check(packed.files(), [packed.key], kept(-5))
    assert any("就有 999 条记录" in one and "截掉了" in one for one in result.bad)
    newer = verifier.check(packed.files(), [packed.key], kept(5))
    assert newer.bad == []
    assert any("999 条记录时的校验码" in one and "没有比" in one for one in newer.limits)


async def test_two_heads_for_one_size_give_away_two_histories(packed):
    """Neither is of a size that the bundle knows: they speak against each other."""
    signer = keys.load(packed.folder)
    points = [notes.Checkpoint(origin=signer.name, size=5, root=bytes([n]) * 32, at=packed.first.at) for n in (1, 2)]
    held = "\n".join(signer.sign(point.text) for point in points)
    assert any("总指纹却不一样" in one for one in verifier.check(packed.files(), [packed.key], held).bad)
    assert verifier.check(packed.files(), [packed.key], signer.sign(points[0].text) * 2).bad == []


async def test_what_was_not_compared_is_said(packed):
    """A head that lost a line in a chat, and a text that is none at all, are no comparison."""
    torn = packed.first.note.replace(f"\n{packed.first.size}\n", "\n")
    for text, said in ((torn, "1 段不完整"), ("https://example.cn/office/slips/X", "没有校验码"), ("", "没有和以前")):
        result = verifier.check(packed.files(), [packed.key], text)
        assert (result.bad, any(said in one for one in result.limits)) == ([], True), said
        assert any("比过才能排除" in one for one in result.limits)
    both = verifier.check(packed.files(), [packed.key], packed.first.note + "\n" + torn)
    assert any("1 个校验码和证据包一致" in one for one in both.good)
    assert any("1 段不完整" in one for one in both.limits)
    wrong = verifier.check(packed.files(), [packed.key], packed.first.note.replace("time 1", "time 2"))
    assert any("您手里的校验码签名不对" in one for one in wrong.bad)


KEPT = {
    "a line above": lambda note: f"李四 4月27日 18:00\n{note}",
    "no empty line": lambda note: note.replace("\n\n", "\n"),
    "indented, with the line ends of Windows": lambda note: "  " + note.replace("\n", " \r\n  "),
    "twice, one right behind the other": lambda note: note + note,
}


@pytest.mark.parametrize("how", KEPT)
async def test_a_head_is_found_in_whatever_way_people_kept_it(packed, how):
    text = KEPT[how](packed.first.note)
    times = text.count("—")
    assert notes.split(text) == verifier.notes_in(text) == [packed.first.note] * times
    result = verifier.check(packed.files(), [packed.key], text)
    assert (result.bad, any(f"您手里的 {times} 个校验码和证据包一致" in one for one in result.good)) == ([], True)
    assert not any("不完整" in one for one in result.limits)


async def test_the_beginning_of_a_value_is_not_hidden_in_its_salt(packed):
    def shorten(one):
        given = one["personal"]["content"]
        keys_ = {key: {"salt": verifier._salt(bytes.fromhex(given["salt"]), key), "value": value}
                 for key, value in (("days", '"3"'), ("phone", '"13800000000"'))}  # fmt: skip
        keys_["phone"] = {"salt": keys_["phone"]["salt"] + b'"138'.hex(), "value": '00000000"'}
        one["personal"]["content"] = {"salt": verifier._salt(bytes.fromhex(given["salt"]), ""), "keys": keys_}

    files = forged(packed, lambda files: line(files, 3, shorten))
    assert any("“内容”" in one for one in verifier.check(files, [packed.key]).bad)


async def test_a_second_file_under_the_name_of_an_attachment_is_looked_at_too(packed):
    name = f"attachments/{sha256(PAPER).hexdigest()}"

    def add(files):
        genuine = files.pop(name)
        files[f"{name}.pdf"], files[name] = b"another", genuine

    result = verifier.check(forged(packed, add), [packed.key])
    assert any("被换过" in one for one in result.bad)


async def test_another_key_is_not_believed_where_the_right_one_is_known(packed):
    thief = Signer("officebot/x", Ed25519PrivateKey.generate())
    files = packed.files(signer=thief, keys_=[thief.verifier, *keys.public(packed.folder)])
    assert verifier.check(files).bad == []  # by the keys that it brings along: that is why the key goes another way
    assert any("公钥" in one for one in verifier.check(files, [packed.key]).bad)


async def test_whoever_has_the_key_of_before_is_told_to_ask_for_the_new_one(packed):
    old = packed.key
    keys.rotate(packed.folder)
    (bad, *_) = verifier.check(packed.files(), [old]).bad
    assert keys.public(packed.folder)[-1].id.hex() in bad
    assert "换过钥匙" in bad
    assert "现在的公钥" in bad
    new = keys.public(packed.folder)[-1].text
    result = verifier.check(packed.files(), [new], packed.first.note)  # signed by the key of before
    assert any("您手里的 1 个校验码和证据包一致" in one for one in result.good)
    other = packed.first.note.replace("\n11\n", "\n9\n")
    assert any("那时的公钥" in one for one in verifier.check(packed.files(), [new], other).bad)


async def test_a_head_that_somebody_kept_gives_away_another_history(packed):
    signer = keys.load(packed.folder)
    point = notes.Checkpoint(origin=signer.name, size=packed.first.size, root=bytes(32), at=packed.first.at)
    result = verifier.check(packed.files(), [packed.key], signer.sign(point.text))
    assert any("不一样" in one for one in result.bad)


async def test_nothing_in_the_zip_can_be_changed_left_out_or_put_in(packed):
    files = packed.files()
    for name in files:
        changed = {**files, name: files[name] + b" "}
        assert verifier.check(changed, [packed.key]).bad, name
        less = {one: data for one, data in files.items() if one != name}
        assert verifier.check(less, [packed.key]).bad, name
    assert verifier.check({**files, "slips/2.pdf": b""}, [packed.key]).bad


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(st.sampled_from(["reason", "place", "files", "content", "phone", "days"])), data=st.data())
async def test_any_redaction_leaves_every_proof_whole(packed, names, data):
    kept = data.draw(st.sets(st.integers(0, len(packed.everything) - 1), min_size=1))
    facts = bundle.redacted([packed.everything[number] for number in sorted(kept)], names)
    files = packed.files(facts)
    result = verifier.check(files, [packed.key])
    wanted = [one for one in result.bad if "附件" not in one]  # one that is there without its record is another matter
    assert wanted == []
    text = files["facts.jsonl"].decode()
    assert not any(f'"{name}":{{"salt"' in text for name in names)
    shown = not names & {"phone", "content"} and any("test.rested" in one.leaf for one in facts)
    assert ("13800000000" in text) is shown


async def test_what_repeats_the_words_of_something_left_out_goes_too(packed):
    content = '{"days":"3","reason":"回家","text":"年假 回家"}'
    values = {"content": ("00" * 16, content), "said": ("11" * 16, '"好，回家"')}
    given = bundle._given(values, {"reason"})
    assert "said" not in given
    shown = {key for key, one in given["content"]["keys"].items() if "value" in one}
    assert shown == {"days"}


async def test_everything_can_be_redacted_and_the_sheet_shows_none_of_it(packed):
    files = packed.files(bundle.redacted(packed.everything, [redaction.ALL]))
    assert "看病" not in files["facts.jsonl"].decode()
    sheet = openpyxl.load_workbook(io.BytesIO(files["summary.xlsx"])).active
    cells = [str(cell.value) for row in sheet for cell in row]
    assert not any("看病" in cell for cell in cells)
    assert any("（已遮盖）" in cell for cell in cells)
    shown = openpyxl.load_workbook(io.BytesIO(packed.files()["summary.xlsx"])).active
    assert any("=1+1" in str(cell.value) and cell.data_type == "s" for row in shown for cell in row)


@given(st.integers(1, 60), st.data())
def test_the_verifier_agrees_with_the_tree_about_every_proof(size, data):
    """Two implementations: ours climbs from below as the RFC says, the verifier descends."""
    frontier, nodes, roots = tree.Frontier(), {}, []
    for number in range(size):
        for level, idx, hash in frontier.append(tree.leaf_hash(bytes([number]))):
            nodes[level, idx] = hash
        roots.append(frontier.root())
    made = lambda path: [tree.folded([nodes[one] for one in element]) for element in path]  # noqa: E731
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    leaf = tree.leaf_hash(bytes([index]))
    assert verifier.root_from_inclusion(leaf, index, size, made(tree.inclusion(index, size))) == roots[-1]
    proof = made(tree.consistency(first, size))
    assert verifier.roots_from_consistency(first, roots[first - 1], size, proof) == (roots[first - 1], roots[-1])
    assert verifier.root_from_inclusion(leaf, index, size, [*made(tree.inclusion(index, size)), leaf]) != roots[-1]
    assert verifier.roots_from_consistency(first, roots[first - 1], size, [*proof, leaf]) is None


async def test_one_head_grows_out_of_another_and_a_file_says_so(packed, tmp_path):
    first, second = packed.first.size, packed.head.size
    data = await packed.database.read(lambda tx: bundle.growth(tx, first, second, keys=keys.public(packed.folder)))
    (tmp_path / "verify.py").write_bytes((bundle._VERIFIER).read_bytes())
    (tmp_path / "x.json").write_text(json.dumps(data), encoding="utf-8")
    told = await alone(tmp_path, "x.json", "--key", packed.key)
    assert (told.returncode, f"前 {first} 条一条也没有改动" in told.stdout) == (0, True), told.stdout
    data["proof"] = data["proof"][1:]
    assert verifier.growth(data, [packed.key]).bad
    assert verifier.growth({**data, "second": data["first"]}, [packed.key]).bad
    for broken in ({}, [], {"keys": 1}, {**data, "proof": ["zz"]}):
        assert verifier.growth(broken).bad


UNREADABLE = {
    "没有传完整": lambda data: data[: len(data) // 2],
    "不是 zip": lambda data: b"%PDF-1.4 no bundle",
    "解开后超过 1 MB": lambda data: repacked(data, {"big.bin": bytes(2 << 20)}),
    "指向别处": lambda data: repacked(data, {"../../etc/passwd": b"x"}),
    "文件名指向别处": lambda data: repacked(data, {"C:\\x": b"x"}),
}


def repacked(data, more):
    files = verifier_read(data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in {**files, **more}.items():
            out.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("said", UNREADABLE)
async def test_what_is_no_bundle_is_said_in_words(packed, tmp_path, said):
    path = tmp_path / "x.zip"
    path.write_bytes(UNREADABLE[said](packed.zip()))
    with pytest.raises(verifier.Unreadable) as error:
        verifier.read(path, most=1 << 20)
    assert said in str(error.value)


async def test_a_byte_that_was_lost_on_the_way_is_said(packed, tmp_path):
    data = bytearray(packed.zip())
    data[len(data) // 3] ^= 1
    (tmp_path / "x.zip").write_bytes(data)
    try:
        result = verifier.check(verifier.read(tmp_path / "x.zip"))
    except verifier.Unreadable:
        return
    assert result.bad


def test_the_verifier_reads_the_known_note():
    key = verifier.key_of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— Peter"
        "Neumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert verifier.opened(note, [key])[1] == "c74f20a3"
    with pytest.raises(verifier.Wrong):
        verifier.opened(note.replace("answer", "Answer"), [key])


def test_ten_thousand_empty_lines_are_read_once():
    """Anybody may paste 200,000 characters: a pattern that goes back over line ends took a minute for them."""
    text = "\n" * 10_000 + "— 张三 好"
    before = sum(1 for _ in verifier.SIGNED.finditer(text))
    assert before == verifier.unread_in(text) == 1
    assert verifier.SIGNED.match(text) is None
