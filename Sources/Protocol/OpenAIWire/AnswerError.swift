import WireFormat

/// Why a gateway cannot read what a host answered. It is the host's fault, never the client's.
public enum AnswerError: Error, Equatable, Sendable {
    case malformed(JSONError)
    /// The field of this path is missing, or not what it should be. The path is this code's own word, never the host's.
    case invalidField(String)
    /// A line or an event of the stream is longer than this many bytes.
    case eventTooLong(bytesMax: Int)
}
