"""Workflows of a project as people have them: two that are right, one that is broken."""

from __future__ import annotations

from pathlib import Path

RELEASE = """\
# How we release.
workflow:
  name: Release
  version: "1.2.0"
  description: Build, test and publish a release, with a last look by a person
  parameters:
    - {name: tag, required: true, description: The tag to release}
    - {name: audience, enum: [users, developers], default: users, description: Who reads the notes}
  stages:
    - name: gather
      parallel: true
      max_parallel: 3
      steps:
        - {id: log, type: skill, skill: git.log}
        - {id: files, type: skill, skill: file.list, parameters: {path: src}}
        - {id: todos, type: skill, skill: file.search, parameters: {path: src, pattern: TODO}}
    - name: write
      steps:
        - id: notes
          type: agent
          agent: writer
          fallback: [editor, template-writer]
          input: "Write notes for ${{ parameters.audience }}: ${{ steps.log.output }}"
    - name: publish
      steps:
        - id: save
          type: skill
          skill: file.write
          parameters: {path: NOTES.md, text: "${{ steps.notes.output.text }}"}
          approve: before
        - {id: tag_it, type: skill, skill: command, parameters: {argv: [git, tag, "${{ parameters.tag }}"]}}
"""

TIDY = """\
name: Tidy
description: Count what nobody finished
steps:
  - {id: count, type: transform, value: 12}
  - {id: tell, type: transform, value: "${{ steps.count.output }} things to do"}
"""

BROKEN = """\
name: Weekly report
description: What happened this week
steps:
  - {id: fetch, type: transform, value: [1, 2]}
  - {id: report, type: transform, value: "${{ steps.fetc.output }}"}
"""

SHOP = {"release": RELEASE, "tidy": TIDY, "weekly": BROKEN}


def put_workflows(project: Path, texts: dict[str, str] = SHOP) -> Path:
    """Write them into a project's own folder, which is given back."""
    folder = project / ".understudy" / "workflows"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
