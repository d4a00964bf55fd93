import Foundation
import Primitives
import Testing

/// Reads `Tests/Vectors/cryptography`.
enum CryptographyVectors {
    static func load<Value: Decodable>(_ name: String, as type: Value.Type, from file: String = #filePath) throws
        -> Value
    {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Vectors/cryptography/\(name)"))
        return try JSONDecoder().decode(type, from: data)
    }
}

/// The bytes of a hexadecimal literal.
func hex(_ text: String) throws -> Bytes { try #require(Hex.decode(text.filter { !$0.isWhitespace })) }
