import Foundation
import Primitives
import Testing

/// A file of `Tests/Golden/messages`: the bytes that other nodes, wallets and hosts rely on.
struct GoldenMessage {
    private static let folder = Repository.folder("Tests/Golden/messages")
    /// A table of names, not bytes.
    private static let tables = "state-tables"
    /// Files that hold the signed form of the statement they are named after.
    private static let signed: Set<String> = ["voucher", "receipt", "miss-statement", "audit-request"]

    let name: String
    let bytes: Bytes

    static let names: [String] = {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.filter { $0 != tables }.sorted()
        } catch {
            preconditionFailure("the golden files are part of the repository: \(error)")
        }
    }()

    init(_ name: String) throws {
        self.name = name
        let file = GoldenMessage.folder.appending(path: name + ".txt")
        let text = try String(contentsOf: file, encoding: .utf8)
        bytes = try #require(Hex.decode(text.filter { !$0.isWhitespace }))
    }

    /// `msg-send` is of `MsgSend`, `voucher` of `Signed<Voucher>`.
    func isOf(_ checked: CheckedType) -> Bool {
        let words = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return checked.name == (GoldenMessage.signed.contains(name) ? "Signed<\(words)>" : words)
    }
}
