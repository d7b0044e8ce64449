"""HTML and SVG as text: what is no Html yet is escaped, so nothing from outside is taken for markup. Pure."""

from html import escape

_WITHOUT_END = {"input", "link", "meta"}


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Content = str | int | None


def join(parts: "list[Html]") -> Html:
    return Html("".join(parts))


def tag(name: str, /, *content: Content, **attributes: object) -> Html:
    """An element. `class_` is written class, `aria_label` aria-label; None and False leave one out.

    >>> tag("p", "1 < 2", class_="n", id=None)
    '<p class="n">1 &lt; 2</p>'
    """
    written = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inner = "".join(
        part if isinstance(part, Html) else escape(str(part)) for part in content if part is not None
    )
    return Html(f"<{name}{written}>" + ("" if name in _WITHOUT_END else f"{inner}</{name}>"))


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
