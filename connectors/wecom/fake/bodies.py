"""The plain kinds of messages: what each must have, what is refused, what is cut silently (wecom.md 7, 9)."""

from __future__ import annotations

from collections.abc import Callable

from connectors.sandbox.phones import Article, Message
from connectors.wecom.fake.media import MediaStore
from connectors.wecom.fake.world import Data, cut_bytes, list_of, objects_of, refuse_unless, text_of

Show = Callable[[Message, Data], None]


class Bodies:
    """Checks a body and writes it into an empty bubble."""

    def __init__(self, media: MediaStore, *, markdown: int = 2048) -> None:
        self._media = media
        self._markdown_bytes = markdown
        self._kinds: dict[str, Show] = {
            "text": _text, "markdown": self._markdown, "textcard": _textcard, "news": _news, "mpnews": _mpnews,
            "image": self._file, "voice": self._file, "video": self._file, "file": self._file,
            "miniprogram_notice": _miniprogram,
        }  # fmt: skip

    def fill(self, bubble: Message, body: Data, *, allowed: frozenset[str]) -> None:
        """Raises `Refusal`: 40008 for a kind that this call does not take."""
        kind = body.get("msgtype")
        refuse_unless(isinstance(kind, str) and kind in allowed and kind in self._kinds, "invalid msgtype", 40008)
        part = body.get(str(kind))
        if not isinstance(part, dict):
            refuse_unless(False, f"missing {kind}")
            return
        bubble.source = str(kind)
        self._kinds[str(kind)](bubble, part)

    def _markdown(self, bubble: Message, part: Data) -> None:
        content = text_of(part, "content")
        refuse_unless(len(content.encode()) <= self._markdown_bytes, "content exceeds max length", 45002)
        bubble.kind, bubble.text = "markdown", content

    def _file(self, bubble: Message, part: Data) -> None:
        found = self._media.find(text_of(part, "media_id", code=40007))
        bubble.kind = "file" if bubble.source == "file" else found.view
        bubble.file_name, bubble.file_id = found.name, found.id
        bubble.title = cut_bytes(str(part.get("title", "")), 128)
        bubble.text = cut_bytes(str(part.get("description", "")), 512)


def _text(bubble: Message, part: Data) -> None:
    bubble.kind, bubble.text = "text", cut_bytes(text_of(part, "content"), 2048)
    mentioned = list_of(part, "mentioned_list", 0, 1000) if part.get("mentioned_list") else []
    bubble.note = " ".join(f"@{who}" for who in mentioned)


def _textcard(bubble: Message, part: Data) -> None:
    bubble.kind = "link"
    bubble.title, bubble.text = text_of(part, "title")[:128], text_of(part, "description")[:512]
    bubble.url = address(text_of(part, "url"))
    refuse_unless(len(str(part.get("btntxt", ""))) <= 4, "btntxt too long")
    bubble.note = str(part.get("btntxt") or "详情")  # the platform's own default


def _news(bubble: Message, part: Data) -> None:
    bubble.kind = "news"
    for article in objects_of(part, "articles", 1, 8):
        url = address(text_of(article, "url")) if not article.get("pagepath") else ""
        bubble.articles.append(
            Article(
                cut_bytes(text_of(article, "title"), 128), cut_bytes(str(article.get("description", "")), 512), url,
                str(article.get("picurl", "")),
            )
        )  # fmt: skip


def _mpnews(bubble: Message, part: Data) -> None:
    bubble.kind = "news"
    for article in objects_of(part, "articles", 1, 8):
        text_of(article, "thumb_media_id", code=40007)
        refuse_unless(len(text_of(article, "content").encode()) <= 666 * 1024, "content exceeds max length", 45002)
        url = str(article.get("content_source_url", ""))
        bubble.articles.append(Article(text_of(article, "title")[:128], str(article.get("digest", ""))[:512], url))


def _miniprogram(bubble: Message, part: Data) -> None:
    title = text_of(part, "title")
    refuse_unless(4 <= len(title) <= 12, "title must have 4 to 12 characters")
    text_of(part, "appid")
    items = objects_of(part, "content_item", 0, 10)
    bubble.kind, bubble.title = "link", title
    bubble.text = "\n".join(f"{item.get('key', '')}：{item.get('value', '')}" for item in items)


def address(url: str) -> str:
    """Refused, not cut: an address with its end missing leads somewhere else."""
    refuse_unless(url.startswith(("http://", "https://")) and len(url.encode()) <= 2048, "invalid url")
    return url
