/// The named maxima of this target.
enum Limits {
    /// Requests of one priority that wait for a slot of the server; one more is refused as `.overloaded`.
    static let waitingRequests = 64
    /// Answers about one position, with a number for each logit: about 110 bytes each.
    static let answerBytesMax = 64 << 20
    static let refusalBytesMax = 64 << 10
    /// For one position, a long prompt before it included.
    static let answerSeconds: Int64 = 120
    /// Slots that are used, whatever the server says.
    static let slotsMax = 256
    /// Characters of a server's reason that go into this side's log.
    static let reasonCharactersMax = 512
}
