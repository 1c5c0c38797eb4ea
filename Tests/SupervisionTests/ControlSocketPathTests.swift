import Testing

@testable import Supervision

struct ControlSocketPathTests {
    private func path(_ file: String, runtime: String? = nil, user: Int = 1_000) -> ControlSocketPath {
        ControlSocketPath(configuration: file, runtimeFolder: runtime, user: user)
    }

    @Test func `the name is the same for the same file and another for another`() {
        #expect(path("/etc/martlet/routes.yaml").name == path("/etc/martlet/routes.yaml").name)
        #expect(path("/etc/martlet/routes.yaml").name != path("/etc/martlet/other.yaml").name)
        #expect(path("").name == "martlet-cbf29ce484222325.sock")
    }

    @Test func `the runtime folder comes first and the shared one last`() {
        #expect(
            path("/a", runtime: "/run/user/1000").folders
                == ["/run/user/1000/martlet", "/run/martlet", "/tmp/martlet-1000"])
        #expect(path("/a", user: 0).folders == ["/run/martlet", "/tmp/martlet-0"])
    }

    @Test func `a path of a file is led back to its folder's real path`() throws {
        let direct = try ControlSocketPath.of(configuration: "/tmp/routes.yaml")
        #expect(direct == (try ControlSocketPath.of(configuration: "/tmp/../tmp/./routes.yaml")))
        #expect(direct.candidates.allSatisfy { $0.hasSuffix("/" + direct.name) })
    }

    @Test(arguments: [
        ("routes.yaml", ".", "routes.yaml"), ("/routes.yaml", "/", "routes.yaml"), ("a/b.yaml", "a", "b.yaml"),
        ("/etc/martlet/r.yaml", "/etc/martlet", "r.yaml"),
    ])
    func `a path has a folder and a name`(path: String, folder: String, name: String) {
        #expect(ConfigurationFile(path: path).folder == folder)
        #expect(ConfigurationFile(path: path).name == name)
    }
}
