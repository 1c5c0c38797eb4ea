"""Every law holds on this tree; and each law notices when it is broken."""
import os

import pytest

import laws

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


@pytest.fixture(scope="session")
def project():
    return laws.Tree(ROOT)


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_law_holds(law, project):
    problems = list(law(project))
    if problems:
        pytest.fail("\n" + "\n".join(map(str, problems)), pytrace=False)


@pytest.fixture
def tree_of(tmp_path):
    """Makes a tree from a mapping of paths to texts."""
    def make(files):
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return laws.Tree(str(tmp_path))

    return make


LONG_BODY = "func long() {\n" + "    step()\n" * 70 + "}\n"
ROOMS = {
    "Sources/Boundary/Kernel/K.swift": "",
    "Sources/DataPlane/Shard/S.swift": "",
    "Sources/DataPlane/Routing/R.swift": "",
    "Package.swift": "",
    "dev": "",
}

BROKEN = [
    ("unsafe word", laws.unsafe_stays_in_the_boundary, "Sources/Wire/HTTP1/A.swift", "let a = unsa" "fe b\n"),
    ("pointer type", laws.unsafe_stays_in_the_boundary, "Sources/Wire/HTTP1/A.swift", "// an Unsa" "feRawPointer\n"),
    ("upward group", laws.imports_point_downward, "Sources/Wire/HTTP1/A.swift", "internal import Shard\n"),
    ("upward room", laws.imports_point_downward, "Sources/DataPlane/Routing/A.swift", "public import Shard\n"),
    ("Foundation", laws.imports_point_downward, "Sources/Wire/HTTP1/A.swift", "import FoundationEssentials\n"),
    ("unknown group", laws.imports_point_downward, "Sources/Other/Room/A.swift", "import Kernel\n"),
    ("long file", laws.files_are_short, "Sources/Wire/HTTP1/A.swift", "\n" * 501),
    ("long function", laws.functions_are_short, "Sources/Wire/HTTP1/A.swift", LONG_BODY),
    ("loose end", laws.no_loose_ends, "Sources/Wire/HTTP1/A.swift", "// TO" "DO: later\n"),
    ("machine path", laws.no_place_is_this_machine, "docs/a.md", "see /ho" "me/someone/file\n"),
    ("registry host", laws.no_place_is_this_machine, "docs/a.md", "from https://py" "pi.org/simple\n"),
    ("lost path", laws.names_in_documents_exist, "docs/a.md", "look at `Sources/Wire/HTTP1/Gone.swift`\n"),
    ("lost file", laws.names_in_documents_exist, "README.md", "look at `Gone.swift`\n"),
    ("lost symbol", laws.names_in_documents_exist, "README.md", "a `GoneMachine` decides\n"),
    ("lost acronym", laws.names_in_documents_exist, "README.md", "see `HTTPGone`\n"),
    ("lost metric", laws.names_in_documents_exist, "README.md", "see `martlet_gone_total{route}`\n"),
    ("lost function", laws.names_in_documents_exist, "README.md", "call `vanish()`\n"),
    ("lost link", laws.names_in_documents_exist, "docs/a.md", "[here](b.md)\n"),
]


@pytest.mark.parametrize("law, path, text", [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_law_notices(law, path, text, tree_of):
    problems = list(law(tree_of(ROOMS | {path: text})))
    assert [problem.path for problem in problems] == [path]


KEPT = [
    ("word in the boundary", laws.unsafe_stays_in_the_boundary, "Sources/Boundary/Kernel/K.swift", "unsa" "fe f()\n"),
    ("downward import", laws.imports_point_downward, "Sources/DataPlane/Shard/S.swift", "import Routing\nimport Kernel\n"),
    ("import in a comment", laws.imports_point_downward, "Sources/DataPlane/Routing/R.swift", "// import Shard\n"),
    ("a table", laws.files_are_short, "Sources/Wire/HTTP1/A+Table.swift", "\n" * 501),
    ("70 lines", laws.functions_are_short, "Sources/Wire/HTTP1/A.swift", LONG_BODY.replace("    step()\n", "", 2)),
    ("protocol requirement", laws.functions_are_short, "Sources/Wire/HTTP1/A.swift",
     "protocol P {\n    func a()\n    func b()\n}\nstruct S {\n" + "    var x = 0\n" * 90 + "}\n"),
    ("braces in a string", laws.functions_are_short, "Sources/Wire/HTTP1/A.swift",
     'func a() { print("{ \\(b ? "{" : "") // {") }\n' + "let x = 0\n" * 90),
    ("path of a route", laws.no_place_is_this_machine, "docs/a.md", "GET /homepage and /api/home/1\n"),
    ("what exists", laws.names_in_documents_exist, "docs/a.md",
     "`Sources/DataPlane/Shard`, `S.swift`, `routes.yaml`, `Content-Length`, `./dev run`, [back](../README.md)\n"),
]


@pytest.mark.parametrize("law, path, text", [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_law_tolerates(law, path, text, tree_of):
    assert list(law(tree_of(ROOMS | {"README.md": "", path: text}))) == []
