"""Text from users' files, made harmless for where it is printed.

A report is read on a terminal, in the log of a CI run, and pasted into a pull request. Nothing that
a name says may be taken there for more than a name:

- control, direction and other invisible characters could move the cursor, recolor or reorder;
- `##[error]`, `##vso[...]` anywhere in a line, and `::error::` at its beginning, are commands to
  the runner of a workflow;
- `<tag>` and `[text](address)` are HTML and Markdown;
- in a workflow command, a line's end and `%` have codes, and so have `:` and `,` in its properties;
- in a comment on a pull request `@name` calls somebody, and `#1` links there;
- XML has no word for most control characters.
"""

from __future__ import annotations

import html
import re
import unicodedata

_UNSAFE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}

_LOGGED = re.compile(r"#(?=#\w*\[)")
#: What messages of ours write for what is to be filled in, which HTML does not know.
_OURS = "accelerators|country|date|exporter|from|model|name|operations|owner|site|stdin|to"
_MARKED = re.compile(rf"<(?!(?:{_OURS})>)(?=[A-Za-z/!?])|\](?=\()|(?<=!)(?=\[)")
_MOST_OF_A_NAME = 200
_COMMAND = re.compile(r"^(\s*)(?=::)", re.MULTILINE)
_IN_XML = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~$]|^[-+])")


def terminal(text: str) -> str:
    """Return a piece of a user's text as a name and nothing else; most are as they were.

    Invisible characters are shown as escapes, and a backslash breaks up what a runner, HTML or
    Markdown would take for its own.
    """
    shown = _LOGGED.sub(r"#\\", visible(text))
    return _MARKED.sub(r"\g<0>\\", shown)


def harmless(text: str) -> str:
    """Return a whole text of ours, of one or more lines, with no command to a runner in it.

    The pieces that came from a user were made harmless where they were put in; where one begins a
    line, or two of them meet, only the whole shows it.
    """
    shown = "\n".join(map(visible, text.split("\n")))
    return _COMMAND.sub(r"\1\\", _LOGGED.sub(r"#\\", shown))


def json_text(text: str) -> str:
    """Return the same JSON in which no string holds a command to a runner."""
    return text.replace("##", "#\\u0023")


def xml_text(text: str) -> str:
    """Return the same XML in which no line is a command to a runner."""
    return _IN_XML.sub(r"\1&#58;", text.replace("##", "#&#35;"))


def xml_name(text: str) -> str:
    """Return a piece of a user's text of which every character may stand in XML."""
    shown = "\n".join(map(visible, text.split("\n")))
    return shown.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def command_text(text: str) -> str:
    """Return text as the message of a workflow command holds it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Return text as a property of a workflow command holds it."""
    return command_text(text).replace(":", "%3A").replace(",", "%2C")


def markdown_name(text: str) -> str:
    """Return a piece of a user's text as code in Markdown, in a table, too: it calls nobody.

    One of more than 200 characters is cut: a comment has room for so many.
    """
    shown = visible(text)
    shown = shown if len(shown) <= _MOST_OF_A_NAME else shown[:_MOST_OF_A_NAME] + "..."
    # A bar is a cell's end in code, too, and what stands before it could take its backslash.
    shown = re.sub(r"(\\*)\|", r"\1\1\\|", shown)
    if not shown.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def markdown_text(text: str) -> str:
    """Return a sentence in which names may be as Markdown of one line that has no marks in it."""
    shown = _MARKDOWN.sub(r"\\\1", visible(text))
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("@+", r"`\g<0>`", shown)


def html_name(text: str) -> str:
    """Return a piece of a user's text as code in HTML; it calls nobody, either."""
    return f"<code>{html.escape(visible(text))}</code>"


def visible(line: str) -> str:
    """Return a line in which control, direction and invisible characters are shown as escapes."""
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in _UNSAFE else char
        for char in line
    )
