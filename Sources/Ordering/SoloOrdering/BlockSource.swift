/// A node whose blocks a follower executes.
public protocol BlockSource: Sendable {
    /// Reads a block. Nothing of it is believed: the follower executes it and compares.
    ///
    /// - Returns: nil where there is none at this height yet.
    /// - Throws: where there is no answer; it is asked again.
    func block(at height: UInt64) async throws -> BlockRecord?
}
