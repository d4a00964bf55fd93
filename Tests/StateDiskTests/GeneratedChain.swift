import Primitives
import StateStore

/// Blocks of random changes, the same ones for the same seed.
struct GeneratedChain {
    static let chainID = "test-chain"

    /// What is committed, from height 0 on.
    let commits: [StateCommit]

    /// The last commit's state.
    var last: StoredState { commits[commits.count - 1].state }

    init(seed: UInt64, blocks: Int, changesPerBlock: Int, keys: UInt64 = 200) {
        var numbers = SeededNumbers(state: seed)
        var transaction = StateTransaction(over: StateTree())
        commits = (0..<UInt64(blocks)).map { height in
            for _ in 0..<changesPerBlock {
                let key: Bytes = [1, UInt8(numbers.next() % 3)] + .bigEndian(numbers.next() % keys)
                if numbers.next() % 4 == 0 {
                    transaction.delete(key)
                } else {
                    let size = Int(numbers.next() % 60)
                    transaction.write(Bytes(repeating: UInt8(truncatingIfNeeded: height), count: size), for: key)
                }
            }
            let changes = transaction.changes()
            let tree = transaction.base.applying(changes)
            transaction = StateTransaction(over: tree)
            let state = StoredState(chainID: GeneratedChain.chainID, height: height, tree: tree)
            return StateCommit(state: state, changes: changes)
        }
    }
}

/// SplitMix64: numbers that a seed gives again.
struct SeededNumbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
