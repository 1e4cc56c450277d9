"""Text from users' files, made harmless for where it is printed.

A report is read on a terminal, in the log of a CI run, and pasted into a pull request. Nothing that
a name says may be taken there for more than a name:

- control, direction and other invisible characters could move the cursor, recolor or reorder;
- `##[error]`, `##vso[...]` anywhere in a line, and `::error::` at its beginning, are commands to
  the runner of a workflow;
- `<tag>` and `[text](address)` are HTML and Markdown.
"""

from __future__ import annotations

import re
import unicodedata

_UNSAFE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}

_LOGGED = re.compile(r"#(?=#\w*\[)")
#: What messages of ours write for what is to be filled in, which HTML does not know.
_OURS = "accelerators|country|date|exporter|from|model|name|operations|owner|site|stdin|to"
_MARKED = re.compile(rf"<(?!(?:{_OURS})>)(?=[A-Za-z/!?])|\](?=\()|(?<=!)(?=\[)")
_COMMAND = re.compile(r"^(\s*)(?=::)", re.MULTILINE)


def terminal(text: str) -> str:
    """Return a piece of a user's text as a name and nothing else; most are as they were.

    Invisible characters are shown as escapes, and a backslash breaks up what a runner, HTML or
    Markdown would take for its own.
    """
    shown = _LOGGED.sub(r"#\\", _visible(text))
    return _MARKED.sub(r"\g<0>\\", shown)


def harmless(text: str) -> str:
    """Return a whole text of ours, of one or more lines, with no command to a runner in it.

    The pieces that came from a user were made harmless where they were put in; where one begins a
    line, or two of them meet, only the whole shows it.
    """
    shown = "\n".join(map(_visible, text.split("\n")))
    return _COMMAND.sub(r"\1\\", _LOGGED.sub(r"#\\", shown))


def json_text(text: str) -> str:
    """Return the same JSON in which no string holds a command to a runner."""
    return text.replace("##", "#\\u0023")


def _visible(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in _UNSAFE else char
        for char in line
    )
