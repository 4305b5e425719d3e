"""A policy as somebody may have it, and commands that try to get around it: none that is to be asked for or denied is
allowed. Harmless twins of them are."""

from __future__ import annotations

from pathlib import Path

from skills.discover import BUILT_IN
from skills.permissions.act import act_of
from skills.permissions.decide import decide
from skills.permissions.rules import parse_rule
from skills.registry import Registry
from workflows.values import Json

POLICY = [
    parse_rule("allow", f"command(argv={pattern})")
    for pattern in (
        "git log **",
        "git status",
        "git diff -- **",
        "npm run **",
        "npx prettier **",
        "ls **",
        "cat **",
        "find **",
        "grep -n **",
        "python -m pytest **",
        "make test",
        "tar -tf *",
        "env",
        "xargs **",
        "echo **",
    )
] + [parse_rule("deny", f"command(argv={pattern})") for pattern in ("rm", "git push", "curl", "sudo", "npm publish")]

DENIED = """
rm -rf . | /bin/rm x | ./rm x | RM x | rm | env rm x | xargs rm | xargs -0 rm -f | echo x ; rm
find . -exec rm {} + | sudo ls | git push | git push --force | git -C . push | git -c a.b=c push origin
/usr/bin/git push | GIT push | env A=1 git push | curl http://x | /usr/bin/curl x | xargs curl | npm publish
npm --silent publish | npm --tag x publish | env -i curl x | \uff52\uff4d x | r\u2060m rm | nice -n 5 rm x
git -c alias.x=push x | git -c alias.x=!git\u2003push x | env -Sgit\u2003push x | watch git\u2003push
timeout 5 git push | nohup curl x | busybox rm x | sh -c rm rm
"""

ASKED = """
git log --output=x | git log -p --ext-diff | git -c core.pager=id log | git --exec-path=. log
git --git-dir=x log | git | git -C /etc status | git status --porcelain | git diff --output=x -- a | git diff
git diff --ext-diff -- a | git logx | git log --format=%x | GIT log | ./git log | /usr/bin/git log
/tmp/x/git status | gіt status | git\u00a0log | npm run -- x --flag | npm run build --script-shell=x
npm -C / run x | npm | npm exec x | npx -c id | npx --yes prettier | npx -y prettier x
npx prettier --plugin=./x | npx evil | npx prettier2 x | find . -exec id {} ; | find . -delete
find . -execdir id {} + | find . -fprintf x y | find -L . -ok id ; | find . -name x | cat --help | cat -
ls -la | ls --hyperlink | grep -rn x . | grep -n -f x | grep x | grep --include=x -n y
python -m pytest -p evil | python -m pytest --rootdir=/ | python -c 1 | python | python3 -m pytest x
python -m pip x | python -m pytestx | make test SHELL=x | make | make -f x test | make test evil
tar -tf x --to-command=id | tar -tf x -I id | tar -xf x | tar -tf | tar --checkpoint-action=exec=id -tf x
env X=1 git log | env id | env -S id | xargs -I{} id | xargs -a x id | echo -e x | sh -c ls | bash -lc ls
dash x | zsh | /bin/sh x | xargs sh | xargs bash -c x | env bash | find . bash | ls sh | python -m pytest bash
cmd.exe /c x | powershell -c x | pwsh x | eval x | exec ls | . x | source x | $(id) | `id` | ls&&id | id;ls
ls>x | ls|id | true | id | ssh x | perl -e 1 | node -e 1 | ruby x | awk x | sed e | tee x | dd if=x | mv a b
cp a b | ln -s a b | chmod 777 x | kill 1 | crontab x | sh | git log -1 | git log -- -x | npm run -s x
ls -R / | cat -A x | grep -n -e x | git stash | git commit -m x | git config core.pager id | git clone x
make test SHELL=./x | npm run SHELL=x | ls +x | cat A=b | find +!id
npm install x | python evil.py | ./x.sh | pip install x | docker run x
"""

ALLOWED = """
git log | git log HEAD | git log main docs | git status | git diff -- a.py b.py | npm run build
npm run test unit | npx prettier src | ls | ls docs | cat a.txt b.txt | find docs | grep -n word file.txt
python -m pytest tests | make test | tar -tf a.tar | env | echo hello world | xargs wc
"""


def lines(text: str, parted: str = " | ") -> list[list[str]]:
    return [words.split(" ") for line in text.strip().splitlines() for words in line.split(parted)]


COMMAND = Registry([BUILT_IN]).get("command")


def verdict(argv: list[str], **more: Json) -> str:
    return decide(POLICY, act_of(COMMAND, {"argv": argv, **more}, Path("/tmp"))).verdict


def test_the_lists_are_long() -> None:
    assert len(lines(DENIED)) + len(lines(ASKED)) >= 150


def test_nothing_denied_gets_through() -> None:
    assert {" ".join(argv): verdict(argv) for argv in lines(DENIED) if verdict(argv) != "deny"} == {}


def test_nothing_that_is_to_be_asked_for_gets_through() -> None:
    assert {" ".join(argv): verdict(argv) for argv in lines(ASKED) if verdict(argv) == "allow"} == {}


def test_what_is_harmless_is_allowed_and_asked_for_with_variables() -> None:
    assert {" ".join(argv): verdict(argv) for argv in lines(ALLOWED) if verdict(argv) != "allow"} == {}
    assert {verdict(argv, env={"LD_PRELOAD": "./x.so"}) for argv in lines(ALLOWED)} == {"ask"}
