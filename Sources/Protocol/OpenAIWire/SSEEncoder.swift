import Primitives

/// Writes server-sent events (WHATWG HTML, section 9.2).
public enum SSEEncoder {
    private static let lineFeed = UInt8(ascii: "\n")
    private static let prefix = Bytes("data: ".utf8)

    /// The last event of an OpenAI stream.
    public static let done = event(Bytes("[DONE]".utf8))
    /// A comment, which readers skip: shows proxies and clients that the stream lives.
    public static let keepAlive = Bytes(": keep-alive\n\n".utf8)

    /// One event. `data` may hold anything: a line end in it begins another `data:` line, so no text can end the event or
    /// begin one. (JSON from `JSONWriter` has none.)
    public static func event(_ data: Bytes) -> Bytes {
        var bytes = Bytes()
        bytes.reserveCapacity(prefix.count + data.count + 2)
        bytes.append(contentsOf: prefix)
        if data.contains(where: { $0 == lineFeed || $0 == UInt8(ascii: "\r") }) {
            appendLines(data, to: &bytes)
        } else {
            bytes.append(contentsOf: data)
        }
        bytes.append(lineFeed)
        bytes.append(lineFeed)
        return bytes
    }

    private static func appendLines(_ data: Bytes, to bytes: inout Bytes) {
        for byte in data {
            if byte == lineFeed || byte == UInt8(ascii: "\r") {
                bytes.append(lineFeed)
                bytes.append(contentsOf: prefix)
            } else {
                bytes.append(byte)
            }
        }
    }
}
