#!/usr/bin/env python3
"""核对证据包。只用 Python 3.9 以上的标准库和 cryptography（pip install cryptography），不联网，不需要 officebot。

    python3 verify.py 证据包.zip [--key 公钥] [--heads 校验码文件]

Checks a bundle without the system that made it. Written apart from that system's own code, so that one mistake cannot
hide in both. Formats: RFC 6962 / 9162 (tree, proofs), c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Mapping, Sequence, Tuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BEIJING = timezone(timedelta(hours=8))
FACT = "officebot-fact/1"
BUNDLE = "officebot-bundle/1"
HEX = re.compile(r"[0-9a-f]{64}")

Files = Mapping[str, bytes]
Keys = Sequence[Tuple[str, bytes, bytes]]


class Wrong(Exception):
    """What is wrong, in Chinese."""


class Result:
    """`good`, `bad` and `limits` are sentences; `limits` say what this check cannot know."""

    def __init__(self) -> None:
        self.good: list[str] = []
        self.bad: list[str] = []
        self.limits: list[str] = []


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
    """The notes in a text that people kept."""
    text = text.replace("\r\n", "\n") + "\n"
    return [found[1] for found in re.finditer(r"(?:^|\n)((?:[^\n]+\n){3,8}\n(?:— \S+ \S+\n)+)", text)]


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


def named(fact: Mapping[str, Any]) -> str:
    leaf = json.loads(fact["leaf"])
    return f"第 {fact['index'] + 1} 条（{when(leaf[2])}，{leaf[4]}，{leaf[6]}）"


def read(path: str | Path) -> dict[str, bytes]:
    """The files of a bundle, zipped or unpacked, by their names."""
    path = Path(path)
    if path.is_dir():
        inside = [one for one in path.rglob("*") if one.is_file()]
        return {one.relative_to(path).as_posix(): one.read_bytes() for one in inside}
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        if len(names) != len(set(names)):
            raise Wrong("压缩包里有重名的文件")
        return {name: bundle.read(name) for name in names if not name.endswith("/")}


def check(files: Files, keys: Sequence[str] = (), heads: str = "") -> Result:
    """`files` as from `read`; `keys` as texts and `heads` as text, both from elsewhere than the bundle."""
    result = Result()
    for step in (_manifest, _head, _facts, _personal, _attachments, _older, _kept):
        try:
            step(files, result, [key_of(one) for one in keys], heads)
        except Wrong as error:
            result.bad.append(str(error))
        except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError) as error:
            result.bad.append(f"证据包的格式不对（{step.__name__[1:]}：{type(error).__name__}），可能被改过或者没有传完整。")
            break
    _limits(result, keys, heads)
    return result


def _json(files: Files, name: str) -> Any:
    if name not in files:
        raise Wrong(f"证据包里缺少 {name}。")
    return json.loads(files[name].decode("utf-8"))


def _keys(files: Files, outside: Keys) -> Keys:
    return outside or [key_of(one) for one in _json(files, "manifest.json")["keys"]]


def _manifest(files: Files, result: Result, outside: Keys, heads: str) -> None:
    manifest = _json(files, "manifest.json")
    if manifest.get("format") != BUNDLE:
        raise Wrong(f"这不是 {BUNDLE} 格式的证据包。")
    signed = opened(files.get("manifest.note", b"").decode("utf-8"), _keys(files, outside))
    if signed is None:
        raise Wrong("清单不是用所给的公钥签的。")
    if signed[0].split("\n")[1] != hashlib.sha256(files["manifest.json"]).hexdigest():
        raise Wrong("清单 manifest.json 被改过。")
    listed = manifest["files"]
    for name, digest in sorted(listed.items()):
        if name not in files:
            raise Wrong(f"清单里的文件 {name} 不见了。")
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise Wrong(f"文件 {name} 被改过。")
    known = set(listed) | {"manifest.json", "manifest.note"}
    for name in sorted(set(files) - known):
        if name.startswith(("slips/", "attachments/")):
            raise Wrong(f"多出了清单里没有的文件 {name}。")
        result.limits.append(f"文件 {name} 不是证据包里的，没有核对。")
    result.good.append(f"清单的签名对，{len(listed)} 个文件和制作时（{manifest['made']}）一样。")


def _head(files: Files, result: Result, outside: Keys, heads: str) -> None:
    found = opened(files["head.txt"].decode("utf-8"), _keys(files, outside))
    if found is None:
        raise Wrong("校验码不是用所给的公钥签的。")
    size, _, at = point(found[0])
    time = f"，{when(at)} 签发" if at else ""
    result.good.append(f"校验码的签名对：{size} 条记录{time}，公钥编号 {found[1]}。")


def _lines(files: Files) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["facts.jsonl"].decode("utf-8").split("\n") if line]


def _root(files: Files) -> tuple[int, bytes, int | None]:
    return point(files["head.txt"].decode("utf-8").rpartition("\n\n")[0] + "\n")


def _facts(files: Files, result: Result, outside: Keys, heads: str) -> None:
    size, root, _ = _root(files)
    facts = _lines(files)
    for fact in facts:
        leaf = json.loads(fact["leaf"])
        if not isinstance(leaf, list) or len(leaf) != 12 or leaf[0] != FACT:
            raise Wrong(f"第 {fact['index'] + 1} 条不是 {FACT} 格式的记录。")
        proof = [bytes.fromhex(one) for one in fact["proof"]]
        if root_from_inclusion(sha256(b"\x00" + fact["leaf"].encode()), fact["index"], size, proof) != root:
            raise Wrong(f"{named(fact)}和校验码对不上：这条记录被改过，或者不在封存的留痕里。")
    indexes = [fact["index"] for fact in facts]
    if indexes != sorted(set(indexes)):
        raise Wrong("记录的次序不对，或者有重复。")
    result.good.append(f"{len(facts)} 条记录都在封存的留痕里，一个字也没有改过。")
    if indexes and len(indexes) > 1 and indexes[-1] - indexes[0] + 1 == len(indexes):
        result.good.append(f"第 {indexes[0] + 1} 到 {indexes[-1] + 1} 条连续，中间没有漏掉的。")
    elif indexes:
        result.limits.append("这些记录是从全部留痕里挑出来的，能证明每一条是真的，不能证明没有漏掉相关的记录。")


def _hidden(leaf: Sequence[Any]) -> dict[str, str]:
    return {
        name: value["sha256"]
        for name, value in leaf[11].items()
        if isinstance(value, dict) and set(value) == {"sha256"}
    }


def _personal(files: Files, result: Result, outside: Keys, heads: str) -> None:
    shown = covered = 0
    for fact in _lines(files):
        hidden, given = _hidden(json.loads(fact["leaf"])), fact.get("personal", {})
        for name, one in given.items():
            digest = hashlib.sha256(bytes.fromhex(one["salt"]) + one["value"].encode()).hexdigest()
            if hidden.get(name) != digest:
                raise Wrong(f"{named(fact)}的“{name}”和留痕里的指纹对不上，被改过。")
            shown += 1
        covered += len(set(hidden) - set(given))
    result.good.append(f"{shown} 处个人信息和意见的原文与留痕里的指纹一致。")
    if covered:
        result.limits.append(f"有 {covered} 处个人信息被遮盖或者已经删除，只能看到指纹；遮盖不影响其他内容的证明。")


def _attachments(files: Files, result: Result, outside: Keys, heads: str) -> None:
    wanted = set()
    for fact in _lines(files):
        leaf = json.loads(fact["leaf"])
        if leaf[4] == "approval.files_attached":
            wanted |= {one for one in leaf[11]["sha256"] if HEX.fullmatch(one)}
    there = {name.split("/")[-1].split(".")[0]: name for name in files if name.startswith("attachments/")}
    for digest, name in sorted(there.items()):
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise Wrong(f"附件 {name} 的内容和它的指纹对不上，被换过。")
        if digest not in wanted:
            raise Wrong(f"附件 {name} 在记录里没有，是后来放进来的。")
    if there:
        result.good.append(f"{len(there)} 个附件就是当时提交的那些。")
    if missing := wanted - set(there):
        result.limits.append(f"有 {len(missing)} 个附件没有放进证据包，只有指纹。")


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
    size, root, _ = _root(files)
    known = {size: root}
    for older in _json(files, "heads.json"):
        first, first_root, _ = point(older["note"].rpartition("\n\n")[0] + "\n")
        known[first] = first_root
    compared = 0
    for note in notes_in(heads):
        signed = opened(note, _keys(files, outside))
        kept, kept_root, _ = point(note.rpartition("\n\n")[0] + "\n")
        if signed is None:
            raise Wrong(f"您手里 {kept} 条记录时的校验码是另一把钥匙签的。")
        if kept in known:
            if known[kept] != kept_root:
                raise Wrong(f"您手里 {kept} 条记录时的校验码和证据包的不一样：在那之前的记录被改写过。")
            compared += 1
        else:
            result.limits.append(f"您手里 {kept} 条记录时的校验码，证据包里没有同一条数的，没有比。")
    if compared:
        result.good.append(f"您手里的 {compared} 个校验码和证据包一致。")


def _limits(result: Result, keys: Sequence[str], heads: str) -> None:
    if not keys:
        result.limits.append("公钥取自证据包本身。要排除整包伪造，请用另外得到的公钥（--key）再核对一次。")
    if not heads:
        result.limits.append("没有和以前发到群里、印在纸上的校验码比（--heads）。比过才能排除全部重写。")
    result.limits.append("打印单和汇总表是给人看的副本，只核对了它们和制作时一样；有出入时以 facts.jsonl 的记录为准。")
    result.limits.append("能证明的是记录封存以后没有改过，不能证明录入的内容当时就是真的。")
    result.limits.append("在卡片上点“同意”是内部办理的记录，由平台账号认证，不是电子签名法所说的可靠电子签名。")


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
    asked = parser.parse_args(arguments)
    try:
        heads = Path(asked.heads).read_text(encoding="utf-8") if asked.heads else ""
        result = check(read(asked.bundle), asked.key, heads)
    except (OSError, zipfile.BadZipFile, Wrong) as error:
        print(f"打不开：{error}")
        return 2
    except ValueError:
        print("公钥的格式不对，应是一行：名称+编号+一串字母数字。")
        return 2
    print("\n".join(words(result)))
    return 1 if result.bad else 0


if __name__ == "__main__":
    sys.exit(main())
