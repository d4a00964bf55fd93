// swift-tools-version:6.2
// The whole dependency graph in one place. ARCHITECTURE.md holds the same table in words, and `make tidy` compares
// both with what the sources really import.
//
// GONKA_CORE_ONLY=1 leaves out every shell (network, disk, engine): that is `make ledger`, which builds in minutes
// from nothing and in seconds after a change.
import PackageDescription

let coreOnly = Context.environment["GONKA_CORE_ONLY"] == "1"

/// Where `make setup` put libllama; the loader finds it there at run time.
let llamaPrefix = Context.environment["GONKA_LLAMA_PREFIX"]

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func layer(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency] = [], unsafe: [SwiftSetting] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", exclude: readmes(folder, name),
        swiftSettings: settings + unsafe)
}

func readmes(_ folder: String, _ name: String) -> [String] {
    name == "Ledger" ? [] : []
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

// Base, Protocol, State, Ledger and the ordering port: plain Swift, no Foundation, nothing that suspends.
var targets: [Target] = [
    layer("Primitives", "Base"),
    layer("WireFormat", "Base", ["Primitives"]),
    .systemLibrary(name: "CSecp256k1", path: "Sources/Base/CSecp256k1", pkgConfig: "libsecp256k1"),
    layer("Cryptography", "Base", ["Primitives", "CSecp256k1", .product(name: "Crypto", package: "swift-crypto")]),
    layer("ProtocolRules", "Protocol", ["Primitives", "WireFormat", "Cryptography"]),
    layer("Messages", "Protocol", ["Primitives", "WireFormat", "Cryptography", "ProtocolRules"]),
    layer("StateStore", "State", ["Primitives", "WireFormat", "Cryptography"]),
    layer("OrderingAPI", "Ordering", ["Primitives"]),
]

var dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2")
]

let package = Package(
    name: "gonka-swift",
    platforms: [.macOS(.v26)],
    products: [],
    dependencies: dependencies,
    targets: targets
)
