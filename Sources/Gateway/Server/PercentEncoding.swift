import Primitives

/// Percent-encoding of a URL's path (RFC 3986, section 2.1).
enum PercentEncoding {
    /// The text that `encoded` spells, or nil for a broken escape or for bytes that are not UTF-8.
    static func decode(_ encoded: some StringProtocol) -> String? {
        var bytes = Bytes()
        var rest = Bytes(encoded.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)) else {
                return nil
            }
            bytes.append(contentsOf: value)
            rest.removeFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
