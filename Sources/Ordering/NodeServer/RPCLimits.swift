/// The bounds of what the node's door takes and gives.
struct RPCLimits: Sendable {
    /// A request holds at most one transaction, in base64.
    static let bodyBytesMax = 1 << 20
    /// How long `broadcast_tx_commit` waits for a block.
    static let commitTimeout = Duration.seconds(30)

    /// Requests in one batch; a longer one is refused as a whole.
    var batchMax = 100
    /// Bytes of all answers to a batch: more than the longest block in base64, so that every request is answered alone.
    var batchAnswerBytesMax = 8 << 20
    /// How long requests of a batch are begun.
    var batchDuration = Duration.seconds(10)
}
