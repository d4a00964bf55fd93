/// Every bound of the server.
public struct Limits: Sendable {
    /// Bytes of one message from the consensus node: its largest block and what stands around it.
    public var messageBytesMax = 64 << 20
    /// A consensus node opens four connections.
    public var connectionsMax = 8
    /// Answers that are held back for a flush, and their bytes.
    public var answersHeldMax = 4_096
    public var answerBytesHeldMax = 1 << 20

    public init() {}
}
