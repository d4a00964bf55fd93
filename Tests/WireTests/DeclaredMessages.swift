import Foundation
import Testing

/// The messages that sources declare, found in their text.
enum DeclaredMessages {
    /// The last parts of the names of all types below `folder` that are canonical messages.
    ///
    /// Each of them has one `encode(to:)`, so that the two counts agree shows that no declaration was overlooked.
    static func names(in folder: URL) throws -> [String] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        var names: [String] = []
        for path in paths.sorted() {
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            let found = text.matches(of: declaration).map { String($0.output.1) }
            let encoders = text.matches(of: encoder).count
            #expect(found.count == encoders, "\(path): messages \(found), but \(encoders) encode(to:)")
            names += found.compactMap { $0.split(separator: ".").last?.prefix { $0 != "<" } }.map(String.init)
        }
        return names
    }

    /// `struct Voucher: CanonicalMessage`, `extension LeafProof.Sibling: CanonicalMessage`, `struct MsgSend: LedgerMessage`.
    private static var declaration: Regex<(Substring, Substring)> {
        /(?m)^ *(?:public |package )?(?:struct|enum|extension) ([A-Za-z0-9_.<>: ]+): [A-Za-z, ]*(?:CanonicalMessage|LedgerMessage)\b/
    }

    private static var encoder: Regex<Substring> { /func encode\(to encoder: inout ProtobufEncoder\) \{/ }
}
