import Primitives
import SoloOrdering
import Testing
import WireFormat

@Suite struct BlockHashTests {
    private func tip(height: UInt64) throws -> ChainTip {
        ChainTip(
            height: height, hash: try #require(Hash32(Bytes(repeating: 0x11, count: 32))),
            appHash: try #require(Hash32(Bytes(repeating: 0x22, count: 32))), timeMilliseconds: 0)
    }

    /// Computed from the formula with Python's hashlib.
    @Test(arguments: [
        (0, 1_700_000_000_000, [] as [Bytes], "14945fa3c972098ebc17a4a34e6c061f3cec5739b46b261732bc92d307b78844"),
        (41, 1_700_000_000_123, [[1, 2, 3]], "f140718ffec7a73d92dfe28b7da22033ca1a7ba6b2b082dcd79738fdb26f5a5c"),
        (
            41, 1_700_000_000_123, [[1, 2, 3], [], [4]],
            "3b55620f8f6848584c485ac9615cc8a9ba8a91fb9c58b24d860db8f01a16f4b3"
        ),
    ])
    func aBlocksHashIsTheHashOfItsContent(
        _ height: UInt64, _ time: UInt64, _ transactions: [Bytes], _ expected: String
    ) throws {
        let block = BlockRecord(
            after: try tip(height: height), chainID: "gonka-devnet", timeMilliseconds: time, transactions: transactions)
        #expect(block.hash.description == expected)
        #expect(try BlockRecord.decode(block.encoded()) == block)
    }
}
