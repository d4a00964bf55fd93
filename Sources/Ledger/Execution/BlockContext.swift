import Primitives
import ProtocolRules

/// What is the same for every transaction of a block.
struct BlockContext: Sendable {
    let chainID: String
    let height: UInt64
    let hash: Hash32
    /// The hash of the block before: session groups are drawn with it.
    let parentHash: Hash32
    let parameters: ProtocolParameters
}
