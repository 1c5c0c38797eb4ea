// swift-tools-version:6.2
import PackageDescription

/// Settings of every target outside `Sources/Boundary`: strict memory safety is an error there, so no such target can say `unsafe`.
let safe: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

/// Settings of the boundary: the same, but each unsafe expression is allowed where it says so.
let boundary: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

/// A shard is driven by one thread through one entry, and its machines are tested with the checks on: debug and sanitizer builds
/// prove at run time that no two accesses overlap, so the release build need not prove it again for every request.
let hot: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// What the release build knows of the paths that requests take: counts of a run under load, made by `./dev profile`
/// (docs/decisions/0009-profile.md). `MARTLET_PROFILE=off` builds without them, `MARTLET_PROFILE=make` a binary that counts.
/// An older compiler may not be able to read the file.
func profiled() -> [String] {
    switch Context.environment["MARTLET_PROFILE"] {
    case "off": return []
    case "make": return ["-Xfrontend", "-ir-profile-generate"]
    default:
        #if compiler(>=6.3)
            return ["-Xfrontend", "-ir-profile-use=\(Context.packageDirectory)/Tests/Bench/martlet.profdata"]
        #else
            return []
        #endif
    }
}

let measured: [SwiftSetting] =
    profiled().isEmpty ? [] : [.unsafeFlags(profiled(), .when(configuration: .release))]

/// The counting binary needs the compiler's library that writes the counts down.
let counting: [LinkerSetting] =
    Context.environment["MARTLET_PROFILE"] == "make" ? [.unsafeFlags(["-Xclang-linker", "-fprofile-generate"])] : []

/// A target in the folder of its group; the groups' order is the order of the arrows (docs/ARCHITECTURE is in README's map).
func room(_ group: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(group)/\(name)",
        swiftSettings: (group == "Boundary" ? boundary : safe) + (group == "DataPlane" ? hot : []) + measured)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, path: "Tests/\(name)Tests",
        swiftSettings: [.swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes")])
}

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["martlet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Boundary: the only folder that may say `unsafe`.
        .target(name: "CLinux", path: "Sources/Boundary/CLinux"),
        .target(
            name: "COpenSSL", path: "Sources/Boundary/COpenSSL",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(
            name: "CSignatures", path: "Sources/Boundary/CSignatures", linkerSettings: [.linkedLibrary("crypto")]),
        .systemLibrary(
            name: "CJWT", path: "Sources/Boundary/CJWT", pkgConfig: "libjwt", providers: [.apt(["libjwt-dev"])]),
        .systemLibrary(
            name: "CPCRE2", path: "Sources/Boundary/CPCRE2", pkgConfig: "libpcre2-8",
            providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/Boundary/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCARES", path: "Sources/Boundary/CCARES", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]
        ),
        .systemLibrary(
            name: "CCurl", path: "Sources/Boundary/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/Boundary/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        room("Boundary", "Kernel", ["CLinux"]),
        room("Boundary", "Patterns", ["CPCRE2"]),
        room("Boundary", "YAMLEvents", ["CYAML"]),
        room("Boundary", "Fetch", ["CCurl", "Kernel"]),
        room("Boundary", "Compression", ["CZlib"]),
        room("Boundary", "TLS", ["COpenSSL", "Kernel"]),
        room("Boundary", "Signatures", ["CSignatures", "CJWT"]),
        room("Boundary", "NameResolution", ["CCARES", "Kernel"]),

        // Wire: bytes in, events out.
        room("Wire", "HTTPModel", ["Kernel"]),
        room("Wire", "HTTP1", ["Kernel", "HTTPModel"]),
        room("Wire", "WebSocket"),
        room("Wire", "ProxyProtocol", ["Kernel"]),
        room("Wire", "Tokens", ["Kernel", "Signatures"]),
        room("Wire", "TraceContext", ["Kernel", "HTTPModel"]),

        // DataPlane: all that a shard does between two sockets.
        room("DataPlane", "Declarations"),
        room("DataPlane", "EventLoop", ["Kernel"]),
        room("DataPlane", "Routing", ["Kernel", "HTTPModel", "Patterns", "Declarations"]),
        room("DataPlane", "Upstreams", ["Kernel", "Declarations"]),
        room("DataPlane", "Limits", ["Kernel"]),
        room("DataPlane", "Telemetry", ["Kernel", "HTTPModel", "TraceContext"]),
        room(
            "DataPlane", "Filters",
            ["Kernel", "Signatures", "Tokens", "HTTPModel", "HTTP1", "Patterns", "Declarations", "Routing", "Limits"]),
        room(
            "DataPlane", "Forwarding",
            ["Kernel", "HTTPModel", "HTTP1", "TraceContext", "Declarations", "Filters", "Routing"]),
        room(
            "DataPlane", "Shard",
            [
                "Kernel", "TLS", "Signatures", "Patterns", "Tokens", "Limits", "HTTPModel", "HTTP1", "WebSocket",
                "ProxyProtocol", "TraceContext", "Declarations", "EventLoop",
                "Routing", "Upstreams",
                "Telemetry", "Filters",
                "Forwarding",
            ]),

        // ControlPlane: whatever may block.
        room("ControlPlane", "Configuration", ["YAMLEvents", "Patterns", "Declarations", "Routing", "HTTPModel"]),
        room(
            "ControlPlane", "Reporting",
            ["Kernel", "Telemetry", "Fetch", "Compression", .product(name: "Logging", package: "swift-log")]),
        room("ControlPlane", "Health", ["Kernel", "Declarations", "Upstreams", "Fetch"]),
        room("ControlPlane", "Identity", ["Kernel", "Declarations", "Signatures", "Tokens", "Fetch"]),
        room(
            "ControlPlane", "Admin",
            [
                "Kernel", "HTTPModel", "HTTP1", "Declarations", "Routing", "Telemetry", "Filters", "Shard", "Health",
                "Identity",
            ]),
        room(
            "ControlPlane", "Supervision",
            [
                "Kernel", "TLS", "NameResolution", "Declarations", "EventLoop", "Upstreams", "Health", "Identity",
                "Signatures",
                "Routing", "Limits", "Filters",
                "Telemetry", "Shard", "Configuration",
                "Reporting",
                "Admin",
                .product(name: "Logging", package: "swift-log"),
            ]),

        // Programs: assemble, decide nothing.
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Kernel", "Declarations", "Routing", "Configuration", "Admin", "Supervision",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Programs/martlet", swiftSettings: safe + measured, linkerSettings: counting),
        .target(
            name: "TestOrigins", path: "Tests/TestOrigins", swiftSettings: [.swiftLanguageMode(.v6)]),
        tests(of: "Kernel"),
        tests(of: "NameResolution", ["Kernel"]),
        tests(of: "Fetch", ["Kernel", "TestOrigins"]),
        tests(of: "Identity", ["Kernel", "Declarations", "Signatures"]),
        tests(of: "Compression"),
        tests(of: "Health", ["Kernel", "Declarations", "Upstreams", "Fetch", "TestOrigins"]),
        tests(of: "HTTPModel"),
        tests(of: "YAMLEvents"),
        tests(of: "TLS", ["COpenSSL", "Kernel"]),
        tests(of: "Configuration", ["Declarations", "YAMLEvents"]),
        tests(of: "HTTP1", ["Kernel", "HTTPModel"]),
        tests(of: "WebSocket"),
        tests(of: "ProxyProtocol", ["Kernel"]),
        tests(of: "Signatures"),
        tests(of: "Tokens", ["Kernel", "Signatures"]),
        tests(of: "TraceContext", ["Kernel", "HTTPModel"]),
        tests(of: "Filters", ["Kernel", "HTTPModel", "Declarations", "Routing", "Signatures", "Tokens"]),
        tests(of: "Forwarding", ["Kernel", "HTTPModel", "HTTP1", "TraceContext", "Filters"]),
        tests(of: "EventLoop", ["Kernel"]),
        tests(of: "Upstreams", ["Kernel", "Declarations"]),
        tests(of: "Limits", ["Kernel"]),
        tests(of: "Patterns"),
        tests(of: "Routing", ["Kernel", "HTTPModel", "Patterns", "Declarations"]),
        tests(of: "Telemetry", ["Kernel", "HTTPModel", "TraceContext"]),
        tests(
            of: "Reporting",
            [
                "Kernel", "TraceContext", "Telemetry", "Fetch", "Compression", "TestOrigins",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(
            of: "Admin", ["HTTPModel", "Declarations", "Routing", "Telemetry", "Filters", "Shard", "Configuration"]),
        tests(of: "Supervision", ["Kernel", "Declarations", "EventLoop", "Shard", "Admin"]),
    ]
)

// Fuzz targets need libFuzzer, so ordinary builds do not see them: `MARTLET_FUZZ=1 swift build --product fuzz-chunked …`.
if Context.environment["MARTLET_FUZZ"] != nil {
    let targets: [(product: String, folder: String, dependencies: [Target.Dependency])] = [
        (
            "fuzz-request-head", "RequestHead",
            ["Kernel", "HTTPModel", "HTTP1", "Routing", "Filters", "Forwarding"]
        ),
        ("fuzz-response-head", "ResponseHead", ["Kernel", "HTTPModel", "HTTP1", "Filters", "Forwarding"]),
        ("fuzz-chunked", "Chunked", ["Kernel", "HTTPModel", "HTTP1", "Forwarding"]),
        ("fuzz-retry-after", "RetryAfter", ["Upstreams"]),
        ("fuzz-proxy-protocol", "ProxyProtocol", ["Kernel", "ProxyProtocol"]),
        ("fuzz-token", "Token", ["Kernel", "Signatures", "Tokens"]),
        ("fuzz-trace-headers", "TraceHeaders", ["Kernel", "HTTPModel", "TraceContext"]),
        ("fuzz-yaml", "YAML", ["Configuration", "Declarations", "Routing"]),
    ]
    let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes")]
    package.targets.append(.target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"))
    package.targets.append(
        .target(
            name: "FuzzSupport", dependencies: ["CFuzzer", "Kernel"], path: "Tests/Fuzz/FuzzSupport",
            swiftSettings: settings))
    for target in targets {
        package.products.append(.executable(name: target.product, targets: [target.product]))
        package.targets.append(
            .executableTarget(
                name: target.product, dependencies: ["FuzzSupport"] + target.dependencies,
                path: "Tests/Fuzz/\(target.folder)",
                swiftSettings: settings))
    }
}
