/// The targets that Package.swift declares, read from its text: asking SwiftPM would take longer than everything else.
struct PackageManifest {
    struct Target {
        let name: String
        let folder: String
        let line: Int
        let isTest: Bool
        /// Targets of this package.
        let dependencies: [String]
        /// Products of other packages.
        let products: [String]
    }

    static let path = "Package.swift"
    let targets: [Target]

    private static let makers = [
        "layer(", "tests(", ".target(", ".executableTarget(", ".testTarget(", ".systemLibrary(",
    ]

    init(text: String) {
        let bytes = Array(text.utf8)
        var found: [(offset: Int, target: Target)] = []
        for maker in PackageManifest.makers {
            for offset in PackageManifest.occurrences(of: maker, in: bytes) {
                let arguments = PackageManifest.balancedArguments(in: bytes, from: offset + maker.utf8.count - 1)
                let line = bytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
                if let target = PackageManifest.target(maker: maker, arguments: arguments, line: line) {
                    found.append((offset, target))
                }
            }
        }
        targets = found.sorted { $0.offset < $1.offset }.map(\.target)
    }

    /// Where `maker` starts a call: not inside a longer word, and not after `func`.
    private static func occurrences(of maker: String, in bytes: [UInt8]) -> [Int] {
        let pattern = Array(maker.utf8)
        guard bytes.count >= pattern.count else { return [] }
        return (0...(bytes.count - pattern.count)).filter { start in
            guard Array(bytes[start..<(start + pattern.count)]) == pattern else { return false }
            guard start > 0, pattern[0] != UInt8(ascii: ".") else { return true }
            return !SwiftSource.isWordByte(bytes[start - 1])
                && !bytes[..<start].suffix(5).elementsEqual("func ".utf8)
        }
    }

    private static func balancedArguments(in bytes: [UInt8], from open: Int) -> String {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if bytes[index] == UInt8(ascii: ")") {
                depth -= 1
                if depth == 0 { return String(decoding: bytes[(open + 1)..<index], as: UTF8.self) }
            }
        }
        return ""
    }

    private static func target(maker: String, arguments: String, line: Int) -> Target? {
        var text = arguments[...]
        let start = text.drop { $0.isWhitespace }
        guard start.hasPrefix("\"") || start.hasPrefix("name: \"") else { return nil }
        guard let name = literals(in: text).first else { return nil }
        let products = literals(in: text, after: ["external(", ".product(name: "])
        let settings = ["resources:", "swiftSettings:", "cSettings:", "linkerSettings:"]
        for setting in settings {
            if let range = text.firstRange(of: setting) { text = text[..<range.lowerBound] }
        }
        let isTest = maker == "tests(" || maker == ".testTarget("
        let folder = literals(in: text, after: ["in: ", "path: "]).first
        let list = text.firstIndex(of: "[").map { text[$0...] } ?? ""
        let packages = literals(in: list, after: ["package: "]) + secondLiterals(in: list, after: "external(")
        let outside = Set(products + packages)
        return Target(
            name: name, folder: path(folder, name: name, maker: maker), line: line, isTest: isTest,
            dependencies: literals(in: list).filter { !outside.contains($0) && $0 != folder }, products: products)
    }

    private static func path(_ folder: String?, name: String, maker: String) -> String {
        switch maker {
        case "layer(": "Sources/" + (folder ?? name)
        case "tests(", ".testTarget(": folder ?? "Tests/" + name
        default: folder ?? "Sources/" + name
        }
    }

    /// The string literals of `text`; escapes do not occur in names.
    private static func literals(in text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The literals that stand directly after one of `prefixes`.
    private static func literals(in text: Substring, after prefixes: [String]) -> [String] {
        prefixes.flatMap { prefix in
            text.ranges(of: prefix + "\"").map { range in String(text[range.upperBound...].prefix { $0 != "\"" }) }
        }
    }

    private static func secondLiterals(in text: Substring, after prefix: String) -> [String] {
        text.ranges(of: prefix + "\"").compactMap { range in
            let rest = literals(in: text[range.upperBound...].drop { $0 != "," })
            return rest.first
        }
    }
}
