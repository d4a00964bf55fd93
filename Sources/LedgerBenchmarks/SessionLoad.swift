import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import WireFormat

/// Blocks that leave many sessions open: what a node has to take up again when it starts.
public struct SessionLoad: Sendable {
    /// As many as one block opens.
    private static let sessionsPerBlock = 1_024
    private static let payers = 1_000

    public let genesis: InitChainRequest
    /// Signed openings, then a block without any, in which the last groups are drawn.
    public let blocks: [[Bytes]]

    /// Makes keys and signatures: seconds for a hundred thousand.
    ///
    /// - Parameter sessions: how many stay open.
    public init(sessions: Int) {
        let payers = min(Self.payers, sessions)
        let keys = (0..<payers).map { TransferLoad.key(UInt64($0)) }
        var parameters = ProtocolParameters.devnet
        // No epoch ends meanwhile: the only host proves nothing, and would be drawn by nobody's weight afterwards.
        parameters.chain.epochBlocks = 60 * UInt64(1 + sessions / Self.sessionsPerBlock)
        genesis = TransferLoad.genesis(accounts: keys.map(\.publicKey.address), parameters).request
        let openings = (0..<sessions).map { index in
            let key = keys[index % payers]
            return TransferLoad.signed(
                MsgOpenSession(
                    payer: key.publicKey.address, model: TransferLoad.model.id,
                    deposit: Amount(parameters.sessions.depositMinNgonka), sessionKey: key.publicKey.compressed,
                    groupSize: 1),
                by: key, UInt64(index % payers + 1), UInt64(index / payers))
        }
        let full = stride(from: 0, to: sessions, by: Self.sessionsPerBlock).map {
            Array(openings[$0..<min($0 + Self.sessionsPerBlock, sessions)])
        }
        blocks = full + [[]]
    }
}
