// swift-tools-version:6.2
// The whole dependency graph in one place. ARCHITECTURE.md holds the same table in words, and `make tidy` compares
// both with what the sources really import.
//
// GONKA_CORE_ONLY=1 leaves out every shell (network, disk, engine): that is `make ledger`, which builds in minutes
// from nothing and in seconds after a change.
// GONKA_ONLY=ATests,BTests keeps only what those test targets reach.
import PackageDescription

let coreOnly = Context.environment["GONKA_CORE_ONLY"] == "1"

/// Where `make setup` put libllama; the loader finds it there at run time.
let llamaPrefix = Context.environment["GONKA_LLAMA_PREFIX"]

/// The commit, for `gonka --version`; scripts/with-env sets it.
let commit = Context.environment["GONKA_COMMIT"] ?? "unknown"

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func layer(
    _ name: String, in folder: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)", exclude: exclude, swiftSettings: settings)
}

/// Each module of the ledger has its spec beside its code.
let moduleReadmes = ["Bank", "Beacon", "Economy", "Epochs", "Models", "Hosts", "Rounds", "Sessions"].map {
    "\($0)/README.md"
}

/// What the code in its `Generated` is made from.
let abciWords = ["ABCI.proto"]

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

func external(_ product: String, _ package: String) -> Target.Dependency { .product(name: product, package: package) }

// Plain Swift: no Foundation, no network, nothing that suspends.
let core: [Target] = [
    layer("Primitives", in: "Base/Primitives"),
    layer("WireFormat", in: "Base/WireFormat", ["Primitives"]),
    .systemLibrary(name: "CSecp256k1", path: "Sources/Base/CSecp256k1", pkgConfig: "libsecp256k1"),
    .systemLibrary(name: "CLibcrypto", path: "Sources/Base/CLibcrypto", pkgConfig: "libcrypto"),
    layer(
        "Cryptography", in: "Base/Cryptography",
        ["Primitives", "CSecp256k1", "CLibcrypto", external("Crypto", "swift-crypto")]),
    layer("ProtocolRules", in: "Protocol/ProtocolRules", ["Primitives", "WireFormat", "Cryptography"]),
    layer("Messages", in: "Protocol/Messages", ["Primitives", "WireFormat", "Cryptography", "ProtocolRules"]),
    layer(
        "Statements", in: "Protocol/Statements", ["Primitives", "Cryptography", "ProtocolRules", "Messages"]),
    // Masks touch a whole vocabulary: a debug build would take longer for them than the model for its tokens.
    .target(
        name: "Grammar", dependencies: ["Primitives", "WireFormat"], path: "Sources/Protocol/Grammar",
        swiftSettings: settings + [.unsafeFlags(["-O"])]),
    layer("OpenAIWire", in: "Protocol/OpenAIWire", ["Primitives", "WireFormat", "ProtocolRules", "Grammar"]),
    layer("StateStore", in: "State/StateStore", ["Primitives", "WireFormat", "Cryptography"]),
    layer("OrderingAPI", in: "Ordering/OrderingAPI", ["Primitives"]),
    layer(
        "Ledger", in: "Ledger",
        ["Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore", "OrderingAPI"],
        exclude: moduleReadmes),
    layer(
        "LedgerBenchmarks", in: "LedgerBenchmarks",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore", "OrderingAPI",
            "Ledger",
        ]),
    layer(
        "TestSupport", in: "TestSupport",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore", "OrderingAPI",
            "Ledger",
        ]),
    tests("TestSupportTests", ["Primitives", "TestSupport"]),
    tests("BaseTests", ["Primitives", "WireFormat", "Cryptography", external("Crypto", "swift-crypto")]),
    tests(
        "ProtocolTests",
        ["Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "OpenAIWire", "TestSupport"]),
    tests("GrammarTests", ["Primitives", "WireFormat", "Grammar"]),
    tests("StateTests", ["Primitives", "WireFormat", "Cryptography", "StateStore"]),
    tests(
        "LedgerTests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "Statements", "StateStore",
            "OrderingAPI", "Ledger", "LedgerBenchmarks", "TestSupport",
        ]),
]

// Everything that waits, stores, listens or computes in floating point.
let shells: [Target] = [
    layer(
        "StateDisk", in: "State/StateDisk",
        ["Primitives", "WireFormat", "Cryptography", "StateStore", external("GRDB", "GRDB.swift")]),
    layer("DurableFile", in: "Shell/DurableFile", ["Primitives", "Cryptography"]),
    layer("Telemetry", in: "Shell/Telemetry", [external("Metrics", "swift-metrics")]),
    layer("ParallelVerification", in: "Ordering/ParallelVerification", ["Primitives", "OrderingAPI"]),
    layer(
        "OrderingMetrics", in: "Ordering/OrderingMetrics",
        ["Primitives", "OrderingAPI", "Telemetry", external("Metrics", "swift-metrics")]),
    layer(
        "SoloOrdering", in: "Ordering/SoloOrdering",
        [
            "Primitives", "WireFormat", "Cryptography", "OrderingAPI", "ParallelVerification", "DurableFile",
            "Telemetry", external("Logging", "swift-log"), external("Metrics", "swift-metrics"),
        ]),
    layer(
        "ABCIServer", in: "Ordering/ABCIServer",
        [
            "Primitives", "WireFormat", "OrderingAPI", "ParallelVerification", "DurableFile",
            external("SwiftProtobuf", "swift-protobuf"), external("Logging", "swift-log"),
            external("Metrics", "swift-metrics"), external("NIOCore", "swift-nio"), external("NIOPosix", "swift-nio"),
        ], exclude: abciWords),
    layer(
        "HTTPOutbound", in: "Shell/HTTPOutbound",
        [
            "Primitives", external("AsyncHTTPClient", "async-http-client"), external("NIOCore", "swift-nio"),
        ]),
    layer("Wallet", in: "Client/Wallet", ["Primitives", "WireFormat", "Cryptography", "Messages"]),
    layer(
        "LedgerClient", in: "Client/LedgerClient",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore", "Wallet",
            "HTTPOutbound", external("AsyncHTTPClient", "async-http-client"), external("NIOCore", "swift-nio"),
            external("NIOHTTP1", "swift-nio"), external("NIOPosix", "swift-nio"),
        ]),
    layer(
        "HTTPEdge", in: "Shell/HTTPEdge",
        [
            "Primitives", "OpenAIWire", external("Hummingbird", "hummingbird"),
            external("HummingbirdCore", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("NIOPosix", "swift-nio"), external("NIOHTTP1", "swift-nio"),
            external("NIOHTTPTypes", "swift-nio-extras"), external("Logging", "swift-log"),
        ]),
    layer(
        "PrometheusMetrics", in: "Shell/PrometheusMetrics",
        [
            "HTTPEdge", external("CoreMetrics", "swift-metrics"), external("Hummingbird", "hummingbird"),
            external("HTTPTypes", "swift-http-types"), external("NIOCore", "swift-nio"),
            external("Logging", "swift-log"), external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
    layer("ScrapeReader", in: "ScrapeReader"),
    layer("FaultyLink", in: "FaultyLink", [external("NIOCore", "swift-nio"), external("NIOPosix", "swift-nio")]),
    layer(
        "NodeServer", in: "Ordering/NodeServer",
        [
            "Primitives", "WireFormat", "Cryptography", "OrderingAPI", "SoloOrdering", "HTTPEdge",
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("Logging", "swift-log"),
        ]),
    .target(
        name: "CSampling", path: "Sources/Engine/CSampling", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off"])]),
    layer("EngineAPI", in: "Engine/EngineAPI", ["Primitives", "ProtocolRules", "Grammar", "CSampling"]),
    layer("Calibration", in: "Engine/Calibration", ["ProtocolRules", "EngineAPI"]),
    layer("Conformance", in: "Engine/Conformance", ["ProtocolRules", "Grammar", "EngineAPI"]),
    layer("StubEngine", in: "Engine/StubEngine", ["Primitives", "ProtocolRules", "EngineAPI"]),
    layer(
        "EngineWire", in: "Engine/EngineWire", ["Primitives", "Cryptography", "ProtocolRules", "Grammar", "EngineAPI"]),
    layer(
        "RemoteEngine", in: "Engine/RemoteEngine",
        [
            "Primitives", "ProtocolRules", "OpenAIWire", "EngineAPI", "EngineWire", "HTTPOutbound",
            external("AsyncHTTPClient", "async-http-client"), external("NIOCore", "swift-nio"),
            external("NIOHTTP1", "swift-nio"), external("NIOPosix", "swift-nio"),
        ]),
    layer(
        "LlamaServerEngine", in: "Engine/LlamaServerEngine",
        [
            "Primitives", "ProtocolRules", "EngineAPI", "HTTPOutbound",
            external("AsyncHTTPClient", "async-http-client"), external("NIOCore", "swift-nio"),
            external("NIOHTTP1", "swift-nio"), external("NIOPosix", "swift-nio"),
        ]),
    layer(
        "MLNode", in: "Engine/MLNode",
        [
            "Primitives", "WireFormat", "OpenAIWire", "EngineAPI", "EngineWire", "HTTPEdge", "Telemetry",
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("Logging", "swift-log"), external("Metrics", "swift-metrics"),
            external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
    .systemLibrary(name: "CLlama", path: "Sources/Engine/CLlama", pkgConfig: "llama"),
    .target(
        name: "LlamaEngine",
        dependencies: [
            "Primitives", "ProtocolRules", "EngineAPI", "CLlama", external("Logging", "swift-log"),
            external("Crypto", "swift-crypto"),
        ],
        path: "Sources/Engine/LlamaEngine", swiftSettings: settings,
        linkerSettings: llamaPrefix.map { [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "\($0)/lib"])] }),
    layer(
        "HostRoles", in: "Host/HostRoles",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "Grammar", "OpenAIWire",
            "EngineAPI",
            "LedgerClient", "DurableFile", "Telemetry", external("Logging", "swift-log"),
            external("Metrics", "swift-metrics"),
        ]),
    layer(
        "HostServer", in: "Host/HostServer",
        [
            "Primitives", "WireFormat", "Cryptography", "Messages", "OpenAIWire", "EngineAPI", "LedgerClient",
            "HostRoles", "HTTPEdge", "HTTPOutbound", external("AsyncHTTPClient", "async-http-client"),
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("NIOHTTP1", "swift-nio"),
            external("NIOPosix", "swift-nio"), external("Logging", "swift-log"),
            external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
    layer(
        "Verification", in: "Host/Verification",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "OpenAIWire", "EngineAPI",
            "LedgerClient", "HostRoles",
        ]),
    layer(
        "Gateway", in: "Gateway",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "OpenAIWire", "LedgerClient",
            "HTTPEdge", "HTTPOutbound", "Telemetry", external("AsyncHTTPClient", "async-http-client"),
            external("GRDB", "GRDB.swift"),
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("NIOHTTP1", "swift-nio"), external("NIOPosix", "swift-nio"),
            external("Logging", "swift-log"), external("Metrics", "swift-metrics"),
            external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
    .target(name: "CBuild", path: "Sources/Base/CBuild", cSettings: [.define("GONKA_COMMIT", to: "\"\(commit)\"")]),
    .executableTarget(
        name: "gonka",
        dependencies: [
            "CBuild", "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Grammar", "Messages", "Statements",
            "OpenAIWire",
            "StateStore",
            "StateDisk",
            "OrderingAPI", "Ledger", "LedgerBenchmarks", "SoloOrdering", "NodeServer", "Wallet", "LedgerClient",
            "EngineAPI", "Calibration", "Conformance", "EngineWire", "RemoteEngine", "MLNode", "LlamaEngine",
            "LlamaServerEngine", "ABCIServer", "HostRoles", "HostServer", "Verification", "Gateway", "HTTPEdge",
            "HTTPOutbound",
            "OrderingMetrics", "PrometheusMetrics",
            external("ArgumentParser", "swift-argument-parser"), external("AsyncHTTPClient", "async-http-client"),
            external("Configuration", "swift-configuration"), external("TOMLKit", "TOMLKit"),
            external("SystemPackage", "swift-system"),
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("NIOPosix", "swift-nio"), external("NIOHTTP1", "swift-nio"),
            external("Logging", "swift-log"), external("ServiceLifecycle", "swift-service-lifecycle"),
            external("UnixSignals", "swift-service-lifecycle"), external("Metrics", "swift-metrics"),
        ],
        path: "Sources/gonka", swiftSettings: settings),
    .executableTarget(
        name: "ChainFile",
        dependencies: [
            "Primitives", "Messages", "OrderingAPI", "SoloOrdering", "TestSupport",
            external("ArgumentParser", "swift-argument-parser"), external("Logging", "swift-log"),
        ],
        path: "Sources/ChainFile", swiftSettings: settings),
    .executableTarget(
        name: "Figures",
        dependencies: [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "OrderingAPI", "LedgerBenchmarks",
            "TestSupport", external("ArgumentParser", "swift-argument-parser"),
        ],
        path: "Sources/Figures", swiftSettings: settings),
    tests(
        "CommandTests",
        [
            "gonka", "Primitives", "WireFormat", "Cryptography", "Wallet", "Calibration", "HostRoles", "Gateway",
            "HTTPEdge", "PrometheusMetrics", "ScrapeReader",
            external("ArgumentParser", "swift-argument-parser"),
        ]),
    tests("StateDiskTests", ["Primitives", "StateStore", "StateDisk", external("GRDB", "GRDB.swift")]),
    tests(
        "OrderingTests",
        [
            "Primitives", "WireFormat", "Cryptography", "OrderingAPI", "SoloOrdering", "NodeServer", "HTTPEdge",
            "DurableFile", "OrderingMetrics", "PrometheusMetrics", "ScrapeReader", external("Metrics", "swift-metrics"),
            external("AsyncHTTPClient", "async-http-client"), external("NIOCore", "swift-nio"),
            external("NIOHTTP1", "swift-nio"), external("Logging", "swift-log"),
        ]),
    tests("FaultyLinkTests", ["FaultyLink", external("NIOCore", "swift-nio"), external("NIOPosix", "swift-nio")]),
    tests(
        "HTTPEdgeTests",
        [
            "OpenAIWire", "HTTPEdge", external("Hummingbird", "hummingbird"), external("NIOCore", "swift-nio"),
            external("NIOPosix", "swift-nio"), external("Logging", "swift-log"),
        ]),
    tests(
        "MetricsTests",
        [
            "HTTPEdge", "Telemetry", "PrometheusMetrics", "ScrapeReader",
            external("AsyncHTTPClient", "async-http-client"), external("Metrics", "swift-metrics"),
            external("NIOCore", "swift-nio"), external("NIOHTTP1", "swift-nio"), external("Logging", "swift-log"),
        ]),
    tests(
        "ABCITests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore", "OrderingAPI",
            "Ledger", "TestSupport", "SoloOrdering", "ABCIServer", "OrderingMetrics", "PrometheusMetrics",
            "ScrapeReader", external("SwiftProtobuf", "swift-protobuf"), external("Metrics", "swift-metrics"),
            external("Logging", "swift-log"), external("NIOCore", "swift-nio"), external("NIOPosix", "swift-nio"),
        ]),
    // An independent reader of the wire; here and not in the core, so that `make ledger` need not compile it.
    tests(
        "WireTests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore",
            external("SwiftProtobuf", "swift-protobuf"),
        ]),
    tests(
        "ClientTests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "StateStore", "OrderingAPI",
            "Ledger", "TestSupport", "SoloOrdering", "NodeServer", "HTTPEdge", "HTTPOutbound", "Wallet",
            "LedgerClient", "FaultyLink",
            external("AsyncHTTPClient", "async-http-client"), external("NIOCore", "swift-nio"),
            external("NIOHTTP1", "swift-nio"), external("NIOPosix", "swift-nio"), external("Logging", "swift-log"),
        ]),
    tests(
        "HostTests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "OpenAIWire", "EngineAPI",
            "StubEngine", "StateStore", "OrderingAPI", "Ledger", "TestSupport", "LedgerClient", "DurableFile",
            "HostRoles", "HostServer", "Verification", "HTTPEdge", "HTTPOutbound", "Gateway",
            "PrometheusMetrics", "ScrapeReader", "EngineWire", "RemoteEngine", "MLNode", "FaultyLink",
            external("AsyncHTTPClient", "async-http-client"), external("Hummingbird", "hummingbird"),
            external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("NIOHTTP1", "swift-nio"), external("Logging", "swift-log"),
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
    tests(
        "GatewayTests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "OpenAIWire", "StateStore",
            "TestSupport", "LedgerClient", "Gateway", "HTTPEdge", "PrometheusMetrics", "ScrapeReader", "FaultyLink",
            external("AsyncHTTPClient", "async-http-client"),
            external("Hummingbird", "hummingbird"), external("HTTPTypes", "swift-http-types"),
            external("NIOCore", "swift-nio"), external("NIOHTTP1", "swift-nio"), external("Logging", "swift-log"),
            external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
    tests(
        "EngineTests",
        [
            "Primitives", "WireFormat", "Cryptography", "ProtocolRules", "Messages", "Ledger", "TestSupport",
            "Grammar", "EngineAPI", "Calibration", "Conformance", "StubEngine", "LlamaEngine", "CLlama",
        ]),
    tests(
        "MLNodeTests",
        [
            "Primitives", "Cryptography", "ProtocolRules", "Grammar", "EngineAPI", "Conformance", "StubEngine",
            "EngineWire", "RemoteEngine", "LlamaServerEngine", "MLNode", "HTTPEdge", "FaultyLink",
            external("AsyncHTTPClient", "async-http-client"),
            external("Hummingbird", "hummingbird"),
            external("NIOCore", "swift-nio"),
            external("NIOHTTP1", "swift-nio"), external("NIOPosix", "swift-nio"), external("Logging", "swift-log"),
            external("ServiceLifecycle", "swift-service-lifecycle"),
        ]),
]

let only = Set(Context.environment["GONKA_ONLY"]?.split(separator: ",").map(String.init) ?? [])
var targets = coreOnly ? core : core + shells

if !only.isEmpty {
    var wanted = only
    var before = 0
    while wanted.count > before {
        before = wanted.count
        for target in targets where wanted.contains(target.name) {
            for dependency in target.dependencies {
                if case .byNameItem(let name, _) = dependency { wanted.insert(name) }
            }
        }
    }
    targets.removeAll { !wanted.contains($0.name) }
}

let coreDependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2")
]

let shellDependencies: [Package.Dependency] = [
    .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0"),
    .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
    .package(url: "https://github.com/LebJe/TOMLKit.git", exact: "0.6.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
    .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0"),
]

let package = Package(
    name: "gonka-swift",
    platforms: [.macOS(.v26)],
    dependencies: coreOnly ? coreDependencies : coreDependencies + shellDependencies,
    targets: targets
)
