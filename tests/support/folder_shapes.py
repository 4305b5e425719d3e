"""Shapes of skill folders as people write them, for this program and for others: what the specification says of each.

`right` is what its reference validator says, which `./dev proof skills` asks. `loads` is whether it can be used here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Shape:
    """One folder. `text` is its SKILL.md, or the file of another name."""

    name: str
    text: str
    right: bool = False
    loads: bool = True
    folder: str = "my-skill"
    file: str = "SKILL.md"
    files: Mapping[str, str] = field(default_factory=dict)

    def write(self, parent: Path) -> Path:
        """The folder, written below `parent`."""
        folder = parent / self.folder
        for inside, text in {self.file: self.text, **self.files}.items():
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            (folder / inside).write_bytes(text.encode())
        return folder


def front(*lines: str, name: str = "my-skill", description: str = "Does it. Use it when it is to be done.") -> str:
    """A SKILL.md with these lines besides."""
    body = ("---", "", "# How", "", "Do it.", "")
    return "\n".join(("---", f"name: {name}", f"description: {description}", *lines, *body))


ALL_KEYS = ("license: MIT", "compatibility: Needs git", "allowed-tools: Bash(git:*) Read")
ELSEWHERE = ("argument-hint: [file]", "model: opus", "disable-model-invocation: false", "context: fork")
BESIDE = {"scripts/a.py": "print(1)\n", "references/a.md": "A", "x/y.txt": "Y"}

SHAPES = (
    Shape("plain", front(), right=True),
    Shape("every key", front(*ALL_KEYS), right=True),
    Shape("metadata", front("metadata:", "  author: me", '  version: "1.0"'), right=True),
    Shape("metadata with numbers", front("metadata:", "  version: 1.0", "  stable: true"), right=True),
    Shape("folded description", front(description=">-\n  Does it,\n  in two lines."), right=True),
    Shape("literal description", front(description="|\n  Does it.\n  In two lines."), right=True),
    Shape("quoted", front(name='"my-skill"', description="'It''s done: at once'"), right=True),
    Shape(
        "files beside it",
        front(),
        right=True,
        files={"scripts/a.py": "print(1)\n", "references/a.md": "A", "x/y.txt": "Y"},
    ),
    Shape("no body", "---\nname: my-skill\ndescription: Does it.\n---\n", right=True),
    Shape("ends of lines of Windows", front().replace("\n", "\r\n"), right=True),
    Shape("letters of elsewhere", front(name="名前-2"), right=True, folder="名前-2"),
    Shape("a comment", front("# said by nobody"), right=True),
    Shape("version", front("version: 1.0.0")),
    Shape("keys of another program", front(*ELSEWHERE)),
    Shape("a list of tools", front("allowed-tools:", "  - Read", "  - Write"), right=True),
    Shape("tools with commas", front("allowed-tools: Read, Write, Bash(npm run:*)"), right=True),
    Shape("another folder", front(name="other-skill")),
    Shape("capitals", front(name="My-Skill"), folder="My-Skill"),
    Shape("blanks in its name", front(name="My Skill"), folder="My Skill"),
    Shape("underscores", front(name="my_skill"), folder="my_skill"),
    Shape("two hyphens", front(name="my--skill"), folder="my--skill"),
    Shape("a long name", front(name="a" * 65), folder="a" * 65),
    Shape("a long description", front(description="x" * 1068)),
    Shape("a bare colon", front(description="Use when: it is to be done")),
    Shape("a number for its name", front(name="2048"), right=True, folder="2048"),
    Shape("no description", "---\nname: my-skill\n---\nDo it.\n", loads=False),
    Shape("an empty description", front(description='""'), loads=False),
    Shape("no front matter", "# My skill\n\nDo it.\n", loads=False),
    Shape("front matter without an end", "---\nname: my-skill\ndescription: Does it.\n", loads=False),
    Shape("front matter that is a list", "---\n- name\n- description\n---\nDo it.\n", loads=False),
    Shape("nothing", "", loads=False),
    Shape("no name", "---\ndescription: Does it.\n---\nDo it.\n"),
    Shape("a name in small letters", front(), right=True, file="skill.md"),
)
