import Foundation
import Testing

@testable import OpenAIWire

/// docs/api.md lists the fields that the code knows, each where it belongs, and no other.
@Suite struct OpenAIDocumentTests {
    private struct Fields: Equatable {
        var honoured: Set<String> = []
        var ignored: Set<String> = []
        var inert: Set<String> = []
    }

    private static let known: [String: Fields] = [
        "Chat completions": Fields(
            honoured: Set(ChatCompletionParameters.honoured),
            ignored: Set(ChatCompletionParameters.ignored.map(\.name)),
            inert: Set(ChatCompletionParameters.inert.map(\.name))),
        "Completions": Fields(
            honoured: Set(ChatCompletionParameters.Text.honoured),
            ignored: Set(ChatCompletionParameters.Text.ignored.map(\.name)),
            inert: Set(ChatCompletionParameters.Text.inert.map(\.name))),
        "Responses": Fields(
            honoured: Set(ChatCompletionParameters.Responses.honoured),
            ignored: Set(ChatCompletionParameters.Responses.ignored.map(\.name)),
            inert: Set(ChatCompletionParameters.Responses.inert.map(\.name))),
        "Embeddings": Fields(
            honoured: Set(ChatCompletionParameters.Embeddings.honoured),
            ignored: Set(ChatCompletionParameters.Embeddings.ignored.map(\.name))),
    ]

    @Test(arguments: known.keys.sorted()) func everyFieldStandsWhereItBelongs(_ section: String) throws {
        #expect(try documented()[section] == Self.known[section])
    }

    private func documented() throws -> [String: Fields] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        var sections: [String: Fields] = [:]
        var (section, part) = ("", "")
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") { (section, part) = (String(line.dropFirst(3)), "") }
            if line.hasPrefix("### ") { part = String(line.dropFirst(4)) }
            // Of a table the first column; of a list all words in code up to its first full stop.
            let cells = line.hasPrefix("|") ? line.split(separator: "|").prefix(1).joined() : String(line)
            let names = Self.words(in: cells)
            switch part {
            case "Honoured" where line.hasPrefix("|"): sections[section, default: Fields()].honoured.formUnion(names)
            case "Passes only with a value that asks for nothing" where line.hasPrefix("|"):
                sections[section, default: Fields()].inert.formUnion(names)
            case "Accepted without effect" where line.hasPrefix("`"):
                let list = cells.prefix { $0 != "." }
                sections[section, default: Fields()].ignored.formUnion(Self.words(in: String(list)))
            default: break
            }
        }
        return sections
    }

    private static func words(in text: String) -> Set<String> {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return Set(parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
    }
}
