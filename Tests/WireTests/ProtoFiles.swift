import Foundation

/// What the files in `proto/` declare, read from their text: what an outside implementer reads is what is compared.
struct ProtoFiles {
    /// Fields by the full name of their message, in order of numbers.
    private(set) var messages: [String: [DeclaredField]] = [:]
    /// Field names by message and number.
    private(set) var names: [String: [UInt32: String]] = [:]

    private var enumerations: Set<String> = []
    private var declarations: [Declaration] = []

    private struct Declaration {
        let message: String
        let type: String
        let name: String
        let number: UInt32
        let isRepeated: Bool
    }

    private static let scalars: Set<String> = ["uint64", "uint32", "int32", "int64", "bool", "string", "bytes"]

    /// Reads every `.proto` file below `folder`.
    init(folder: URL) throws {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".proto") }
        for path in paths.sorted() {
            readDeclarations(of: try String(contentsOf: folder.appending(path: path), encoding: .utf8))
        }
        for declaration in declarations {
            let field = DeclaredField(
                number: declaration.number, type: fullType(of: declaration), isRepeated: declaration.isRepeated)
            messages[declaration.message, default: []].append(field)
            names[declaration.message, default: [:]][declaration.number] = declaration.name
        }
        for message in messages.keys { messages[message]?.sort { $0.number < $1.number } }
    }

    /// One statement or brace a line, which is how the files are written.
    private mutating func readDeclarations(of text: String) {
        var package = ""
        /// Names of what is open; a `oneof` has none of its own.
        var scope: [String] = []
        var isEnumeration = false
        for line in text.split(separator: "\n") {
            let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
            let words = code.split { " ;={}".contains($0) }.map(String.init)
            let fullName = ([package] + scope + words.dropFirst().prefix(1)).filter { !$0.isEmpty }.joined(
                separator: ".")
            switch words.first {
            case "package": package = words[1]
            case "message":
                scope.append(words[1])
                messages[fullName] = []
            case "oneof": scope.append("")
            case "enum":
                scope.append(words[1])
                enumerations.insert(fullName)
                isEnumeration = true
            case nil where code.contains("}"):
                scope.removeLast()
                isEnumeration = false
            default:
                if isEnumeration || scope.isEmpty { continue }
                let message = ([package] + scope).filter { !$0.isEmpty }.joined(separator: ".")
                declare(words, in: message)
            }
        }
    }

    private mutating func declare(_ words: [String], in message: String) {
        let isRepeated = words.first == "repeated"
        let rest = isRepeated ? Array(words.dropFirst()) : words
        guard rest.count == 3, let number = UInt32(rest[2]) else { return }
        declarations.append(
            Declaration(message: message, type: rest[0], name: rest[1], number: number, isRepeated: isRepeated))
    }

    /// A scalar as it is, `enum` for any enumeration, a message by its full name; names are looked for from the innermost
    /// scope outwards.
    private func fullType(of declaration: Declaration) -> String {
        if ProtoFiles.scalars.contains(declaration.type) { return declaration.type }
        var scope = declaration.message.split(separator: ".").map(String.init)
        while true {
            let name = (scope + [declaration.type]).joined(separator: ".")
            if enumerations.contains(name) { return "enum" }
            if messages[name] != nil || scope.isEmpty { return name }
            scope.removeLast()
        }
    }
}
