#!/usr/bin/env python3
"""核对证据包。只用 Python 3.9 以上的标准库和 cryptography（pip install cryptography），不联网，不需要 officebot。

    python3 verify.py 证据包.zip [--key 公钥] [--heads 校验码文件]
    python3 verify.py 接续证明.json [--key 公钥]

Checks a bundle without the system that made it. Written apart from that system's own code, so that one mistake cannot
hide in both. Formats: RFC 6962 / 9162 (tree, proofs), c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import io
import json
import re
import sys
import zipfile
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any, Iterator, Mapping, Sequence, Tuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BEIJING = timezone(timedelta(hours=8))
FACT = "officebot-fact/1"
BUNDLE = "officebot-bundle/1"
GROWTH = "officebot-consistency/1"
STRANGE = re.compile(r"[\\:\x00-\x1f]")
HEX = re.compile(r"[0-9a-f]{64}")
SALT = re.compile(r"[0-9a-f]{32}")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
ROOT = re.compile(r"[A-Za-z0-9+/]{43}=")
BY = re.compile(r"— \S+ \S+")
SIGNED = re.compile(r"(?m)^[ \t]*—[ \t]*[^—\s]")

WHOLE = "校验码要整段复制，从“officebot/”开头的一行到“—”开头的一行。"

Files = Mapping[str, bytes]
Keys = Sequence[Tuple[str, bytes, bytes]]


class Wrong(Exception):
    """What is wrong, in Chinese; `index` of the first wrong record, where it is one."""

    def __init__(self, words: str, index: int | None = None) -> None:
        super().__init__(words)
        self.index = index


class Unreadable(Exception):
    """No bundle at all, or not the whole of one; why, in Chinese."""


class Result:
    """`good`, `bad` and `limits` are sentences; `limits` say what this check cannot know.

    `wrong` are the indexes of records that are named in `bad`, `about` what the bundle says of itself.
    """

    def __init__(self) -> None:
        self.good: list[str] = []
        self.bad: list[str] = []
        self.limits: list[str] = []
        self.wrong: list[int] = []
        self.about: dict[str, Any] = {}


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


# ---- signed notes ----------------------------------------------------------------------------------------------------


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """(name, number, key) of `name+number+base64`."""
    name, number, key = text.strip().split("+", 2)
    raw = base64.b64decode(key, validate=True)
    if len(raw) != 33 or raw[0] != 1:
        raise ValueError("not an Ed25519 key")
    if sha256(name.encode() + b"\n" + raw)[:4].hex() != number:
        raise ValueError("the number is another key's")
    return name, bytes.fromhex(number), raw[1:]


def opened(note: str, keys: Keys) -> tuple[str, str] | None:
    """The text of a note that one of the keys signed; None where none did. Raises Wrong where a signature is wrong."""
    text, blank, signatures = note.rpartition("\n\n")
    if not blank:
        raise Wrong("校验码的格式不对")
    text += "\n"
    by = None
    for line in signatures.splitlines():
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise Wrong("校验码的格式不对")
        raw = base64.b64decode(parts[2], validate=True)
        for name, number, key in keys:
            if (name, number) == (parts[1], raw[:4]):
                try:
                    Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], text.encode())
                except InvalidSignature:
                    raise Wrong("校验码的签名不对，内容被改过") from None
                by = number.hex()
    return (text, by) if by else None


def point(text: str) -> tuple[int, bytes, int | None]:
    """(size, root, milliseconds or None) of a checkpoint."""
    lines = text.split("\n")
    if len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]*", lines[1]):
        raise Wrong("校验码的格式不对")
    at = next((int(line[5:]) for line in lines[3:] if re.fullmatch(r"time [0-9]{1,15}", line)), None)
    return int(lines[1]), base64.b64decode(lines[2], validate=True), at


def notes_in(text: str) -> list[str]:
    """The heads in a text that people kept, whatever else they wrote around them. Found by their second and third
    lines; chats take empty lines away and put spaces in."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = []
    for at in range(1, len(lines) - 2):
        if SIZE.fullmatch(lines[at]) and ROOT.fullmatch(lines[at + 1]):
            signed = next((end for end in range(at + 2, min(at + 8, len(lines))) if BY.fullmatch(lines[end])), None)
            if signed is not None:
                end = next((one for one in range(signed, len(lines)) if not BY.fullmatch(lines[one])), len(lines))
                head, signatures = lines[at - 1 : signed], lines[signed:end]
                found.append("\n".join(head) + "\n\n" + "\n".join(signatures) + "\n")
    return found


def unread_in(text: str) -> int:
    """How many signatures in a text that people kept belong to no whole head: a line above them was lost on the way."""
    return len(SIGNED.findall(text)) - len(SIGNED.findall("\n".join(notes_in(text))))


def sizes_in(text: str) -> list[int]:
    """Of how many records the heads in a text are; what is none is left out."""
    found = []
    for note in notes_in(text):
        try:
            found.append(point(note.rpartition("\n\n")[0] + "\n")[0])
        except (Wrong, ValueError):
            continue
    return found


# ---- proofs ----------------------------------------------------------------------------------------------------------


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that this proof leads to (RFC 9162, 2.1.3.2), by going down the tree; None where it fits no tree."""

    def climb(at: int, width: int, steps: Sequence[bytes]) -> bytes | None:
        if width == 1:
            return leaf if not steps else None
        if not steps:
            return None
        half = 1 << (width - 1).bit_length() - 1
        if at < half:
            below = climb(at, half, steps[:-1])
            return None if below is None else node(below, steps[-1])
        below = climb(at - half, width - half, steps[:-1])
        return None if below is None else node(steps[-1], below)

    return climb(index, size, proof) if 0 <= index < size else None


def roots_from_consistency(
    first: int, first_root: bytes, second: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """(root of the first size, root of the second) that this proof leads to (RFC 9162, 2.1.4); None where it does not
    fit."""
    steps = list(proof)

    def climb(small: int, width: int, whole: bool) -> tuple[bytes, bytes] | None:
        if small == width:
            if whole:
                return first_root, first_root
            if not steps:
                return None
            only = steps.pop(0)
            return only, only
        half = 1 << (width - 1).bit_length() - 1
        if small <= half:
            below = climb(small, half, whole)
            if below is None or not steps:
                return None
            return below[0], node(below[1], steps.pop(0))
        below = climb(small - half, width - half, False)
        if below is None or not steps:
            return None
        left = steps.pop(0)
        return node(left, below[0]), node(left, below[1])

    if not 0 < first <= second:
        return None
    found = climb(first, second, True)
    return None if steps else found


# ---- the bundle ------------------------------------------------------------------------------------------------------


def when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def named(fact: Mapping[str, Any], words: Mapping[str, str]) -> str:
    leaf = json.loads(fact["leaf"])
    return f"第 {fact['index'] + 1} 条（{when(leaf[2])}，{words.get(leaf[4], leaf[4])}，{leaf[6]}）"


class Folder(Mapping[str, bytes]):
    """The files of an unpacked bundle, read when they are asked for."""

    def __init__(self, path: Path) -> None:
        inside = (one for one in path.rglob("*") if one.is_file())
        self._paths = {one.relative_to(path).as_posix(): one for one in inside}

    def __getitem__(self, name: str) -> bytes:
        return self._paths[name].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def open(self, name: str) -> IO[bytes]:
        return self._paths[name].open("rb")


class Packed(Mapping[str, bytes]):
    """The files of a zip, of which nothing is ever written to the disk. `most`: bytes that it may open to."""

    def __init__(self, path: Path, most: int = 0) -> None:
        self._zip = zipfile.ZipFile(path)
        inside = [one for one in self._zip.infolist() if not one.is_dir()]
        _sane(inside, most)
        self._files = {one.filename: one for one in inside}

    def __getitem__(self, name: str) -> bytes:
        return self._zip.read(self._files[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._files[name])


def _sane(inside: Sequence[zipfile.ZipInfo], most: int) -> None:
    names = [one.filename for one in inside]
    if len(names) != len(set(names)):
        raise Unreadable("压缩包里有重名的文件，不是原来的证据包。")
    if any(name.startswith("/") or ".." in name.split("/") or STRANGE.search(name) for name in names):
        raise Unreadable("压缩包里有文件名指向别处，可能有人做了手脚，没有打开。")
    if any(one.flag_bits & 1 for one in inside):
        raise Unreadable("压缩包加了密码，先解开再核对。")
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in inside):
        raise Unreadable("压缩包的压缩方式不对，不是原来的证据包。")
    if most and sum(one.file_size for one in inside) > most:
        raise Unreadable(f"压缩包解开后超过 {most >> 20} MB，没有打开。")


def read(path: str | Path, most: int = 0) -> Files:
    """The files of a bundle, zipped or unpacked, by their names. Raises Unreadable, OSError."""
    path = Path(path)
    if path.is_dir():
        return Folder(path)
    try:
        return Packed(path, most)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Unreadable("不是 zip 压缩包，或者没有传完整。") from None


def check(files: Files, keys: Sequence[str] = (), heads: str = "") -> Result:
    """`files` as from `read`; `keys` as texts and `heads` as text, both from elsewhere than the bundle."""
    result = Result()
    for step in (_manifest, _head, _facts, _personal, _attachments, _older, _kept):
        try:
            step(files, result, [key_of(one) for one in keys], heads)
        except Wrong as error:
            result.bad.append(str(error))
            result.wrong += [] if error.index is None else [error.index]
        except (zipfile.BadZipFile, zlib.error, EOFError):
            result.bad.append("压缩包坏了：里面的文件和打包时不一样，可能没有传完整。请对方重新发一次。")
            break
        except _MISSHAPEN as error:
            part = _STEPS.get(step.__name__, "")
            result.bad.append(f"证据包的格式不对（{part}，{type(error).__name__}），可能被改过或者没有传完整。")
            break
    _about(files, result)
    _limits(result, keys, heads)
    return result


_MISSHAPEN = (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError, AttributeError)
_STEPS = {
    "_manifest": "清单", "_head": "校验码", "_facts": "记录", "_personal": "个人信息", "_attachments": "附件",
    "_older": "以前的校验码", "_kept": "您手里的校验码",
}  # fmt: skip


def _opened(files: Files, name: str) -> IO[bytes]:
    opener = getattr(files, "open", None)
    return opener(name) if opener else io.BytesIO(files[name])


def _print_of(files: Files, name: str) -> str:
    digest = hashlib.sha256()
    with _opened(files, name) as file:
        while some := file.read(1 << 20):
            digest.update(some)
    return digest.hexdigest()


def _json(files: Files, name: str) -> Any:
    if name not in files:
        raise Wrong(f"证据包里缺少 {name}。")
    return json.loads(files[name].decode("utf-8"))


def _keys(files: Files, outside: Keys) -> Keys:
    return outside or [key_of(one) for one in _json(files, "manifest.json")["keys"]]


def _another(files: Files) -> str:
    """What to do where the key that was brought along is not the one that signed: an office may change its key."""
    named = [str(one) for one in _json(files, "manifest.json")["keys"]][-1:]
    its = "".join(f"（包里写的公钥编号是 {one.split('+')[1]}）" for one in named if one.count("+") > 1)
    return f"单位换过钥匙，或者这个包是伪造的{its}。请向出具单位另外要现在的公钥，再核对一次。"


def _manifest(files: Files, result: Result, outside: Keys, heads: str) -> None:
    manifest = _json(files, "manifest.json")
    if manifest.get("format") != BUNDLE:
        raise Wrong(f"这不是 {BUNDLE} 格式的证据包。")
    signed = opened(files.get("manifest.note", b"").decode("utf-8"), _keys(files, outside))
    if signed is None:
        raise Wrong(f"清单不是用所给的公钥签的：{_another(files)}")
    if signed[0].split("\n")[1] != hashlib.sha256(files["manifest.json"]).hexdigest():
        raise Wrong("清单 manifest.json 被改过。")
    listed = manifest["files"]
    for name, digest in sorted(listed.items()):
        if name not in files:
            raise Wrong(f"清单里的文件 {name} 不见了。")
        if _print_of(files, name) != digest:
            raise Wrong(f"文件 {name} 被改过。")
    known = set(listed) | {"manifest.json", "manifest.note"}
    for name in sorted(set(files) - known):
        if name.startswith(("slips/", "attachments/")):
            raise Wrong(f"多出了清单里没有的文件 {name}。")
        result.limits.append(f"文件 {name} 不是证据包里的，没有核对。")
    result.good.append(f"清单的签名对，{len(listed)} 个文件和制作时（{manifest['made']}）一样。")


def _about(files: Files, result: Result) -> None:
    """What the bundle says of itself, for whoever shows the result; nothing of it is checked here."""
    try:
        manifest, (size, root, at) = _json(files, "manifest.json"), _root(files)
        result.about = {
            "office": str(manifest["office"]), "what": str(manifest["what"]), "made": str(manifest["made"]),
            "keys": [str(one) for one in manifest["keys"]], "redacted": [str(one) for one in manifest["redacted"]],
            "size": size, "root": root.hex(), "at": at, "head": files["head.txt"].decode("utf-8"),
        }  # fmt: skip
    except (*_MISSHAPEN, Wrong, OSError, zipfile.BadZipFile, zlib.error, EOFError):
        result.about = {}


def _words(files: Files) -> Mapping[str, str]:
    """Kinds of records by their names, as the bundle calls them."""
    words = _json(files, "manifest.json").get("words", {})
    return {str(code): str(word) for code, word in words.items()}


def _head(files: Files, result: Result, outside: Keys, heads: str) -> None:
    found = opened(files["head.txt"].decode("utf-8"), _keys(files, outside))
    if found is None:
        raise Wrong(f"校验码不是用所给的公钥签的：{_another(files)}")
    size, _, at = point(found[0])
    time = f"，{when(at)} 签发" if at else ""
    result.good.append(f"校验码的签名对：{size} 条记录{time}，公钥编号 {found[1]}。")


def _lines(files: Files) -> Iterator[dict[str, Any]]:
    """One after the other: a bundle may have millions."""
    with _opened(files, "facts.jsonl") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line.decode("utf-8"))


def _root(files: Files) -> tuple[int, bytes, int | None]:
    return point(files["head.txt"].decode("utf-8").rpartition("\n\n")[0] + "\n")


def _facts(files: Files, result: Result, outside: Keys, heads: str) -> None:
    size, root, _ = _root(files)
    words = _words(files)
    first = last = -1
    number = 0
    for fact in _lines(files):
        leaf, index = json.loads(fact["leaf"]), fact["index"]
        if not isinstance(leaf, list) or len(leaf) != 12 or leaf[0] != FACT:
            raise Wrong(f"第 {index + 1} 条不是 {FACT} 格式的记录。", index)
        proof = [bytes.fromhex(one) for one in fact["proof"]]
        if root_from_inclusion(sha256(b"\x00" + fact["leaf"].encode()), index, size, proof) != root:
            raise Wrong(f"{named(fact, words)}和校验码对不上：这条记录被改过，或者不在封存的留痕里。", index)
        if index <= last:
            raise Wrong(f"{named(fact, words)}的次序不对，或者有重复。", index)
        first, last, number = index if number == 0 else first, index, number + 1
    result.good.append(f"{number} 条记录都在封存的留痕里，一个字也没有改过。")
    if number > 1 and last - first + 1 == number:
        result.good.append(f"第 {first + 1} 到 {last + 1} 条连续，中间没有漏掉的。")
    elif number:
        result.limits.append("这些记录是从全部留痕里挑出来的，能证明每一条是真的，不能证明没有漏掉相关的记录。")


def salted(salt: str, value: str) -> str:
    """Only over a whole salt: with a longer one the beginning of a value could be hidden in it (10000 shown as 0)."""
    if not SALT.fullmatch(salt):
        return ""
    return hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()


def digest_of(given: Mapping[str, Any]) -> str:
    """The hash in the record that this value leads to. A record inside it is hashed key by key, so that some can be
    left out: then `keys` has of each salt and value, or only the hash."""
    if "keys" in given:
        hashes = {
            key: salted(one["salt"], one["value"]) if "value" in one else str(one["sha256"])
            for key, one in given["keys"].items()
        }
        return salted(given["salt"], _text(hashes))
    value = given["value"]
    if not value.startswith('{"') or not SALT.fullmatch(given["salt"]):
        return salted(given["salt"], value)
    raw = bytes.fromhex(given["salt"])
    hashes = {key: salted(_salt(raw, key), _text(one)) for key, one in json.loads(value).items()}
    return salted(_salt(raw, ""), _text(hashes))


def _salt(salt: bytes, key: str) -> str:
    return hmac.new(salt, key.encode(), "sha256").digest()[:16].hex()


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hidden(leaf: Sequence[Any]) -> dict[str, str]:
    return {
        name: value["sha256"]
        for name, value in leaf[11].items()
        if isinstance(value, dict) and set(value) == {"sha256"}
    }


def _personal(files: Files, result: Result, outside: Keys, heads: str) -> None:
    shown = covered = parts = 0
    words = _words(files)
    for fact in _lines(files):
        hidden, given = _hidden(json.loads(fact["leaf"])), fact.get("personal", {})
        for name, one in given.items():
            if hidden.get(name) != digest_of(one):
                title = words.get(f"field.{name}", name)
                raise Wrong(f"{named(fact, words)}的“{title}”和留痕里的指纹对不上，被改过。", fact["index"])
            shown += 1
            parts += sum("value" not in part for part in one.get("keys", {}).values())
        covered += len(set(hidden) - set(given))
    result.good.append(f"{shown} 处个人信息和意见的原文与留痕里的指纹一致。")
    if parts:
        result.limits.append(f"其中有 {parts} 个栏目遮盖了，只有指纹；没有遮盖的栏目照样证明。")
    if covered:
        result.limits.append(f"有 {covered} 处个人信息被遮盖或者已经删除，只能看到指纹；遮盖不影响其他内容的证明。")


def _attachments(files: Files, result: Result, outside: Keys, heads: str) -> None:
    wanted = set()
    for fact in _lines(files):
        leaf = json.loads(fact["leaf"])
        if leaf[4] == "approval.files_attached":
            wanted |= {one for one in leaf[11]["sha256"] if HEX.fullmatch(one)}
    names = sorted(name for name in files if name.startswith("attachments/"))
    there = {_digest_in(name) for name in names}
    for name in names:
        digest = _digest_in(name)
        if _print_of(files, name) != digest:
            raise Wrong(f"附件 {name} 的内容和它的指纹对不上，被换过。")
        if digest not in wanted:
            raise Wrong(f"附件 {name} 在记录里没有，是后来放进来的。")
    if there:
        result.good.append(f"{len(there)} 个附件就是当时提交的那些。")
    if missing := wanted - there:
        result.limits.append(f"有 {len(missing)} 个附件没有放进证据包，只有指纹。")


def _digest_in(name: str) -> str:
    return name.split("/")[-1].split(".")[0]


def _older(files: Files, result: Result, outside: Keys, heads: str) -> None:
    size, root, _ = _root(files)
    number = 0
    for older in _json(files, "heads.json"):
        found = opened(older["note"], _keys(files, outside))
        if found is None:
            continue  # of a key that this check was not given
        first, first_root, _ = point(found[0])
        proof = [bytes.fromhex(one) for one in older["proof"]]
        if first and roots_from_consistency(first, first_root, size, proof) != (first_root, root):
            raise Wrong(f"以前 {first} 条记录时的校验码和现在的对不上：在那之前的记录被改写过。")
        number += 1
    if number:
        result.good.append(f"以前签发的 {number} 个校验码都和现在的接得上，旧记录没有被改写。")


def _kept(files: Files, result: Result, outside: Keys, heads: str) -> None:
    size, root, at = _root(files)
    known = {size: root, **_shown_to_be_beginnings(files)}
    compared, seen = 0, dict[int, bytes]()
    for note in notes_in(heads):
        try:
            signed = opened(note, _keys(files, outside))
        except Wrong:
            raise Wrong("您手里的校验码签名不对：抄漏了、抄错了字，或者是伪造的。") from None
        kept, kept_root, then = point(note.rpartition("\n\n")[0] + "\n")
        if known.get(kept) == kept_root:  # whoever signed it
            compared += 1
            continue
        if signed is None:
            what = f"您手里 {kept} 条记录时的校验码是另一把钥匙签的"
            raise Wrong(f"{what}：单位换过钥匙的，把那时的公钥也给出（--key）再核对；没有换过，它就是伪造的。")
        if seen.setdefault(kept, kept_root) != kept_root:
            why = "留痕有过两套，一套是改写的，或者系统恢复过旧的备份"
            raise Wrong(f"您手里有两个 {kept} 条记录时的校验码，签名都对，总指纹却不一样：{why}。")
        if kept in known:
            why = "在那之前的记录被改写过，或者系统恢复过旧的备份"
            raise Wrong(f"您手里 {kept} 条记录时的校验码和证据包的不一样：{why}。")
        if kept > size and at is not None and then is not None and then < at:
            raise Wrong(
                f"您手里的校验码 {when(then)} 就有 {kept} 条记录，证据包的签发在后（{when(at)}），却只有 {size} 条："
                "后面的记录被截掉了，或者系统恢复过旧的备份。"
            )
        result.limits.append(
            f"您手里 {kept} 条记录时的校验码，证据包里没有同一条数的，没有比。请出具单位带上它重新导出证据包。"
        )
    if compared:
        result.good.append(f"您手里的 {compared} 个校验码和证据包一致。")
    if unread := unread_in(heads):
        result.limits.append(f"您给的校验码有 {unread} 段不完整，认不出来，没有比。{WHOLE}")
    elif heads.strip() and not notes_in(heads):
        result.limits.append(f"您给的文字里没有校验码，没有比。{WHOLE}")


def _shown_to_be_beginnings(files: Files) -> dict[int, bytes]:
    """Roots by size, of what a proof in the bundle shows to be the beginning of it, whoever signed it; what the bundle
    only says of itself proves nothing to whoever kept a head."""
    size, root, _ = _root(files)
    found = {}
    for older in _json(files, "heads.json"):
        first, first_root, _ = point(older["note"].rpartition("\n\n")[0] + "\n")
        proof = [bytes.fromhex(one) for one in older["proof"]]
        if first < size and roots_from_consistency(first, first_root, size, proof) == (first_root, root):
            found[first] = first_root
    return found


def _limits(result: Result, keys: Sequence[str], heads: str) -> None:
    if not keys:
        result.limits.append("公钥取自证据包本身。要排除整包伪造，请用另外得到的公钥（--key）再核对一次。")
    if not notes_in(heads):
        result.limits.append("没有和以前发到群里、印在纸上的校验码比（--heads）。比过才能排除全部重写。")
    result.limits.append("打印单和汇总表是给人看的副本，只核对了它们和制作时一样；有出入时以 facts.jsonl 的记录为准。")
    result.limits.append("能证明的是记录封存以后没有改过，不能证明录入的内容当时就是真的。")
    result.limits.append("在卡片上点“同意”是内部办理的记录，由平台账号认证，不是电子签名法所说的可靠电子签名。")


def growth(data: Any, keys: Sequence[str] = ()) -> Result:
    """A proof that one head grew out of another: `first` and `second` notes, `proof` hashes in hex."""
    result = Result()
    try:
        known = [key_of(one) for one in keys or data["keys"]]
        notes = [opened(data[one], known) for one in ("first", "second")]
        if data.get("format") != GROWTH or None in notes:
            raise Wrong("校验码不是用所给的公钥签的，或者这不是接续证明。")
        (first, first_root, _), (second, second_root, _) = (point(one[0]) for one in notes if one)
        proof = [bytes.fromhex(one) for one in data["proof"]]
        same = first == second and first_root == second_root and not proof
        if not same and roots_from_consistency(first, first_root, second, proof) != (first_root, second_root):
            raise Wrong(f"{second} 条时的校验码不是从 {first} 条时的长出来的：在那之前的记录被改写过，或者证明被改过。")
        result.good.append(f"{second} 条时的留痕以 {first} 条时的为开头：前 {first} 条一条也没有改动、删除、插入。")
    except Wrong as error:
        result.bad.append(str(error))
    except _MISSHAPEN as error:
        result.bad.append(f"接续证明的格式不对（{type(error).__name__}）。")
    if not keys:
        result.limits.append("公钥取自文件本身。要排除整份伪造，请用另外得到的公钥（--key）再核对一次。")
    return result


def words(result: Result) -> list[str]:
    """The report as lines."""
    lines = [f"通过  {one}" for one in result.good]
    lines += [f"不对  {one}" for one in result.bad]
    lines += [f"说明  {one}" for one in result.limits]
    failed = "结论：核对没有通过。先不要采信，保存好这个文件，联系出具单位。"
    lines.append(failed if result.bad else "结论：核对通过。")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="核对证据包：记录有没有被改过、删过、补过。")
    here = Path(__file__).resolve().parent
    where = "证据包 zip，或者解开后的文件夹；默认是本文件所在的文件夹"
    parser.add_argument("bundle", nargs="?", default=str(here), help=where)
    parser.add_argument("--key", action="append", default=[], help="另外得到的公钥，一行文字；可以写几次")
    parser.add_argument("--heads", help="以前保存的校验码（群消息、二维码扫出来的文字）存成的文件")
    parser.add_argument("--most-mb", type=int, default=0, help="解开后超过这么多 MB 就不打开；默认不限")
    parser.add_argument("--json", action="store_true", help="给程序读的结果")
    asked = parser.parse_args(arguments)
    try:
        [key_of(one) for one in asked.key]
    except ValueError:
        return _said(asked.json, "公钥的格式不对，应是一行：名称+编号+一串字母数字。")
    try:
        result = _checked(asked)
    except (Unreadable, OSError) as error:
        return _said(asked.json, f"打不开：{error}")
    found = {
        "ok": not result.bad, "good": result.good, "bad": result.bad, "limits": result.limits,
        "wrong": result.wrong, "about": result.about,
    }  # fmt: skip
    print(json.dumps(found, ensure_ascii=False) if asked.json else "\n".join(words(result)))
    return 1 if result.bad else 0


def _checked(asked: argparse.Namespace) -> Result:
    if asked.bundle.endswith(".json"):
        try:
            return growth(json.loads(Path(asked.bundle).read_text(encoding="utf-8")), asked.key)
        except ValueError:
            raise Unreadable("不是接续证明，或者没有传完整。") from None
    heads = Path(asked.heads).read_text(encoding="utf-8", errors="replace") if asked.heads else ""
    return check(read(asked.bundle, asked.most_mb << 20), asked.key, heads)


def _said(as_json: bool, words: str) -> int:
    print(json.dumps({"unreadable": words}, ensure_ascii=False) if as_json else words)
    return 2


if __name__ == "__main__":
    sys.exit(main())
