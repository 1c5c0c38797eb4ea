"""The laws of the tree that no compiler checks. Each law is a function from a tree to the places that break it.

    python3 Tests/Tidy/laws.py        prints `path:line: rule` for each such place, and ends with 1 if there is any

Only Python's standard library is used here, so that the laws run before anything is installed.
"""
import os
import re
import subprocess
import sys
from typing import NamedTuple

# From the bottom to the top: a target may import from its own group and from those before it.
GROUPS = ["Boundary", "Wire", "DataPlane", "ControlPlane", "Workers", "LoadLab", "Programs"]
# Inside the data plane the order is finer: a target may import only those before it.
DATA_PLANE = [
    "Declarations", "EventLoop", "Routing", "Upstreams", "Limits", "Telemetry", "Filters", "PluginHost", "Forwarding",
    "Shard",
]
# Groups on the path of a request, where Foundation's allocations and locale tables have no business.
WITHOUT_FOUNDATION = {"Boundary", "Wire", "DataPlane"}
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

# Written in pieces, so that this file does not break its own laws.
LOOSE_END = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~}/-])/(?:work|home|root)/[\w.]")
REGISTRIES = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|npmjs\.com|crates\.io|rubygems\.org|repo1\.maven\.org"
    r"|proxy\.golang\.org|deb\.debian\.org|archive\.ubuntu\.com)\b"
)
UNSAFE = re.compile(r"[Uu]nsafe|@unchecked\s+Sendable")
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)", re.M
)
FUNCTION = re.compile(r"\b(?:func\s+([^\s(<]+|`[^`]+`)|(init|subscript)[?!]?(?=\s*[(<])|(deinit)\b)")


class Problem(NamedTuple):
    path: str
    line: int
    rule: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}"


class Tree:
    """The files of the project by their path from its root: tracked ones, and new ones that git does not ignore."""

    def __init__(self, root):
        self.root = root
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"], capture_output=True, text=True
        )
        paths = listed.stdout.split("\0") if listed.returncode == 0 and listed.stdout else self._walk()
        self.paths = sorted({path for path in paths if path and os.path.isfile(os.path.join(root, path))})
        self._texts = {}

    def _walk(self):
        """An unpacked archive has no git; build folders begin with a dot."""
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".") or name == ".ci"]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def lines(self, path):
        return enumerate(self.text(path).split("\n"), 1)

    def swift(self, *folders):
        return [path for path in self.paths if path.endswith(".swift") and path.startswith(folders or ("Sources/",))]

    def written(self):
        """Files that people write: no binaries, no fuzzing corpora."""
        for path in self.paths:
            if not path.startswith("Tests/Fuzz/corpus/") and "\0" not in self.text(path)[:4096]:
                yield path

    def documents(self):
        return [path for path in self.paths if path.endswith(".md") and (path.startswith("docs/") or "/" not in path)]


def code_only(text):
    """The Swift text with comments and the insides of string literals blanked; every line keeps its number."""
    def blank(match):
        return '""' + "\n" * match.group(0).count("\n") if match.group(0)[0] in '"#' else "\n" * match.group(0).count("\n")

    # One pass, so that `//` inside a string is no comment, and a quotation mark inside a comment opens no string.
    return re.sub(
        r'#+"(?:[^"\n]|"(?!#))*"#+|"""(?:[^\\]|\\.)*?"""|"(?:\\\([^()]*(?:\([^()]*\)[^()]*)*\)|\\.|[^"\\\n])*"'
        r"|//[^\n]*|/\*.*?\*/", blank, text, flags=re.S
    )


def room(path):
    """(group, target) of a file below Sources, or (None, None)."""
    parts = path.split("/")
    return (parts[1], parts[2]) if len(parts) > 3 and parts[0] == "Sources" else (None, None)


def unsafe_stays_in_the_boundary(tree):
    for path in tree.swift():
        if not path.startswith("Sources/Boundary/"):
            for number, line in tree.lines(path):
                if found := UNSAFE.search(line):
                    yield Problem(path, number, f"`{found.group(0)}` outside Sources/Boundary")


def imports_point_downward(tree):
    group_of = {room(path)[1]: room(path)[0] for path in tree.paths if room(path)[0]}
    for path in tree.swift():
        group, target = room(path)
        if group is None:
            continue
        if group not in GROUPS:
            yield Problem(path, 1, f"`{group}` is no group of Sources; the groups are {', '.join(GROUPS)}")
            continue
        code = code_only(tree.text(path))
        for match in IMPORT.finditer(code):
            imported = match.group(1)
            number = code.count("\n", 0, match.start(1)) + 1
            if reason := upward(group, target, imported, group_of.get(imported)):
                yield Problem(path, number, reason)


def upward(group, target, imported, imported_group):
    """Why this import may not be, or None."""
    if imported.startswith("Foundation") and group in WITHOUT_FOUNDATION:
        return f"{group} imports {imported}"
    if imported_group not in GROUPS or imported == target:
        return None
    if GROUPS.index(imported_group) > GROUPS.index(group):
        return f"{group}/{target} imports {imported} of {imported_group}, which is above it"
    if group == imported_group == "DataPlane" and {target, imported} <= set(DATA_PLANE):
        if DATA_PLANE.index(imported) > DATA_PLANE.index(target):
            return f"DataPlane/{target} imports {imported}, which is above it"
    return None


def files_are_short(tree):
    for path in tree.swift("Sources/", "Tests/", "plugins/"):
        count = tree.text(path).count("\n")
        if count > FILE_LINES_MAX and not path.endswith("+Table.swift"):
            yield Problem(path, count, f"{count} lines, more than {FILE_LINES_MAX}")


def functions_are_short(tree):
    for path in tree.swift("Sources/", "plugins/"):
        for name, number, count in functions(code_only(tree.text(path))):
            if count > FUNCTION_LINES_MAX:
                yield Problem(path, number, f"{name} has {count} lines, more than {FUNCTION_LINES_MAX}")


def functions(code):
    """(name, line, lines) of each function with a body, in code without comments and strings."""
    for match in FUNCTION.finditer(code):
        opening = body_start(code, match.end())
        if opening is None:
            continue
        depth, end = 1, opening + 1
        while end < len(code) and depth:
            depth += {"{": 1, "}": -1}.get(code[end], 0)
            end += 1
        first = code.count("\n", 0, match.start()) + 1
        yield match.group(1) or match.group(2) or match.group(3), first, code.count("\n", match.start(), end) + 1


def body_start(code, position):
    """Where the body's brace is; None for a requirement of a protocol, which has none."""
    depth = 0
    while position < len(code):
        character = code[position]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character == "{":
            return position
        if depth < 0 or (depth == 0 and character == "}"):
            return None
        if depth == 0 and character == "\n":
            rest = code[position:].lstrip()
            if re.match(r"(?:@\w+|public|package|internal|private|func|init|var|let|static|mutating|subscript|case)\b", rest):
                return None
        position += 1
    return None


def no_loose_ends(tree):
    for path in tree.written():
        for number, line in tree.lines(path):
            if found := LOOSE_END.search(line):
                yield Problem(path, number, f"{found.group(0)}: finish it, or open an issue")


def no_place_is_this_machine(tree):
    for path in tree.written():
        for number, line in tree.lines(path):
            if found := MACHINE_PATH.search(line):
                yield Problem(path, number, f"`{found.group(0)}…` is a path of one machine")
            if found := REGISTRIES.search(line):
                yield Problem(path, number, f"`{found.group(0)}` is the host of a package registry")


def names_in_documents_exist(tree):
    code = "\n".join(tree.text(path) for path in tree.paths if path.startswith(("Sources/", "Tests/", "plugins/")))
    words = set(re.findall(r"\w+", code)) | set(re.findall(r"\w+", tree.text("Package.swift")))
    known = set(tree.paths) | {path[:index] for path in tree.paths for index in slashes(path)}
    for document in tree.documents():
        fenced = False
        for number, line in tree.lines(document):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for name in re.findall(r"`([^`]+)`", line):
                if reason := missing(name, document, known, words):
                    yield Problem(document, number, reason)
            for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if "://" not in link and not link.startswith("mailto:") and not found_path(link, document, known):
                    yield Problem(document, number, f"the link `{link}` leads nowhere")


def slashes(path):
    return [index for index, character in enumerate(path) if character == "/"]


def found_path(name, document, known):
    """A path counts from the root or from the document's folder."""
    beside = os.path.normpath(os.path.join(os.path.dirname(document), name))
    return os.path.normpath(name) in known or beside in known or beside == "."


FIRST_FOLDERS = ("Sources/", "Tests/", "docs/", "plugins/", ".ci/", "./")
FILE_NAME = re.compile(r"^[\w+./-]+\.(?:swift|md|py|c|h|sh|lua|json)$")
# Words of the outside world that look like ours.
FOREIGN = set(
    "GitHub OpenSSL HAProxy SwiftPM SwiftNIO AddressSanitizer ThreadSanitizer LeakSanitizer InternalImportsByDefault "
    "MemberImportVisibility ExistentialAny StrictMemorySafety LibFuzzer ArgumentParser".split()
)


def missing(name, document, known, words):
    """Why a name in backticks names nothing, or None. Shell lines, values and wire words are not names of ours."""
    plain = name.split(" ")[0].rstrip("/") if name.startswith(FIRST_FOLDERS) else name
    if plain.startswith(FIRST_FOLDERS) and not re.search(r"[*<>{…$]", plain) and not plain.startswith("./."):
        return None if found_path(plain, document, known) else f"the path `{plain}` does not exist"
    if FILE_NAME.match(name):
        base = name.rsplit("/", 1)[-1]
        exists = found_path(name, document, known) or any(path == name or path.endswith("/" + base) for path in known)
        return None if exists else f"the file `{name}` does not exist"
    if re.fullmatch(r"[A-Z][A-Za-z0-9]*(?:\.[A-Za-z]\w*)*", name) and has_humps(name):
        lost = [part for part in name.split(".") if part not in words and part not in FOREIGN]
        return f"the symbol `{name}` does not exist" if lost else None
    if metric := re.fullmatch(r"(martlet_\w+)(?:\{.*)?", name):
        family = re.sub(r"_(?:bucket|sum|count)$", "", metric.group(1))
        return None if {family, metric.group(1)} & words else f"the metric `{metric.group(1)}` does not exist"
    if call := re.fullmatch(r"(?:\w+\.)*(\w+)\((?:\w+:)*\)", name):
        return None if call.group(1) in words else f"the function `{name}` does not exist"
    return None


def has_humps(name):
    """Whether a name reads as one of Swift's types: `RouteTable`, `HTTPModel`, but neither `Route` nor `GET`."""
    return any(re.search(r"[a-z]", part) and len(re.findall(r"[A-Z]", part)) > 1 for part in name.split("."))


LAWS = [
    unsafe_stays_in_the_boundary,
    imports_point_downward,
    files_are_short,
    functions_are_short,
    no_loose_ends,
    no_place_is_this_machine,
    names_in_documents_exist,
]


def main():
    tree = Tree(os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
    problems = sorted(problem for law in LAWS for problem in law(tree))
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
