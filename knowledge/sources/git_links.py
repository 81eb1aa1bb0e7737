"""Where the files of a git work tree are on the web, read from its own settings.

Only hosts whose addresses are known are linked to; a link that leads nowhere is worse than none.
"""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

_REMOTE = re.compile(r'^\[remote "origin"\]\s*$')
_SECTION = re.compile(r"^\s*\[")
_URL = re.compile(r"^\s*url\s*=\s*(\S+)\s*$")
_SCP = re.compile(r"^(?:[^@/\s]+@)?([^:/\s]+):(?!//)(.+)$")
_LONGEST = 1_000_000

_FILES = {
    "github": "https://{host}/{path}/blob/{branch}/",
    "gitlab": "https://{host}/{path}/-/blob/{branch}/",
    "bitbucket": "https://{host}/{path}/src/{branch}/",
    "gitea": "https://{host}/{path}/src/branch/{branch}/",
    "codeberg": "https://{host}/{path}/src/branch/{branch}/",
    "forgejo": "https://{host}/{path}/src/branch/{branch}/",
}
"""By a word in the host's name."""


def git_address(folder: Path) -> str | None:
    """The web address of a work tree's files, where the folder is one's top and is on a branch.

    The remote is ``origin``; user and password in its URL are left out. A file that was never
    pushed has a link that leads nowhere.
    """
    try:
        directory = _git_directory(folder)
        if directory is None:
            return None
        common = directory / "commondir"
        shared = directory / common.read_text().strip() if common.is_file() else directory
        head = (directory / "HEAD").read_text().strip()
        config = shared / "config"
        if config.stat().st_size > _LONGEST:
            return None
        remote = _origin(config.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    branch = head.removeprefix("ref: refs/heads/")
    return _address(remote, branch) if remote and branch != head else None


def _git_directory(folder: Path) -> Path | None:
    """``.git``, or what it names in a worktree or a submodule."""
    git = folder / ".git"
    if git.is_dir():
        return git
    if not git.is_file() or git.stat().st_size > _LONGEST:
        return None
    named = git.read_text().removeprefix("gitdir:").strip()
    return folder / named


def _origin(config: str) -> str | None:
    inside = False
    for line in config.splitlines():
        if _SECTION.match(line):
            inside = bool(_REMOTE.match(line.strip()))
        elif inside and (found := _URL.match(line)):
            return found[1]
    return None


def _address(remote: str, branch: str) -> str | None:
    try:
        parts = urlsplit(remote)
        host, path = parts.hostname, parts.path
    except ValueError:
        return None
    if not parts.scheme and (short := _SCP.match(remote)):
        host, path = short[1], short[2]
    path = path.strip("/").removesuffix(".git")
    if not host or not path:
        return None
    form = next((form for word, form in _FILES.items() if word in host.lower()), None)
    return form and form.format(host=host.lower(), path=quote(path), branch=quote(branch))
