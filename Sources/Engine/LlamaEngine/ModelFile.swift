import Crypto
import EngineAPI
import Foundation
import Primitives

/// The bytes that a model is: the ledger's record names them by their hash.
enum ModelFile {
    /// SHA-256 of the file, read in pieces of 1 MiB: a third of a second for the 271 MB of the 135M model.
    static func hash(path: String) throws(EngineError) -> Hash32 {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            var hasher = SHA256()
            while let piece = try file.read(upToCount: Limits.readBytes), !piece.isEmpty { hasher.update(data: piece) }
            return hasher.finalize().withUnsafeBytes { Hash32(unsafeBytes: $0) }
        } catch {
            throw .unusableModel(path: path, reason: "\(error)")
        }
    }

    /// The file's hash; throws `.wrongModelFile` where another one is expected.
    static func verifiedHash(path: String, expected: Hash32?) throws(EngineError) -> Hash32 {
        let found = try hash(path: path)
        if let expected, expected != found { throw .wrongModelFile(path: path, expected: expected, found: found) }
        return found
    }
}
