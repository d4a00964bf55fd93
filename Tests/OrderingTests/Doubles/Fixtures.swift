import DurableFile
import Foundation
import Logging
import OrderingAPI
import Primitives
import SoloOrdering

let genesis = InitChainRequest(
    chainID: "test-1", genesisTimeMilliseconds: 1000, applicationState: Bytes("{\"total\":0}".utf8))

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A folder that goes with the test.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "ordering-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    var blockFile: String { path + "/blocks" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The transactions of `heights` blocks: two senders, a transaction that a block refuses, and an empty block now and then.
func plannedBlocks(_ heights: Int, padding: Int = 0) -> [[Bytes]] {
    (0..<heights).map { height in
        if height % 5 == 4 { return [] }
        let amount = height % 3 == 2 ? Addition.refusedAmount : UInt8(height % 100)
        // Height minus the empty blocks before it: the sequence of both senders.
        let sequence = UInt64(height - height / 5)
        return [
            Addition(sender: 1, sequence: sequence, amount: 3, padding: padding).bytes,
            Addition(sender: 2, sequence: sequence, amount: amount).bytes,
        ]
    }
}

/// Opens a chain on a disk and a file as a starting process does.
func openChain(
    _ storage: MemoryStorage, _ application: any ReplicatedApplication
) throws -> Chain {
    try Chain(application: application, log: BlockLog(storage: storage, genesis: genesis, logger: silentLogger))
}

/// Extends a chain to the end of `blocks`, from wherever it stands.
func extend(_ chain: inout Chain, with blocks: [[Bytes]]) throws {
    for transactions in blocks.dropFirst(Int(chain.tip.height)) {
        _ = try chain.extend(with: transactions, timeMilliseconds: 2000 + 1000 * chain.tip.height)
    }
}

/// A file with the given blocks, and the tip after each height, genesis included.
func writtenChain(_ blocks: [[Bytes]]) throws -> (content: Bytes, tips: [ChainTip]) {
    let storage = MemoryStorage()
    var chain = try openChain(storage, CountingApplication())
    var tips = [chain.tip]
    for index in blocks.indices {
        try extend(&chain, with: Array(blocks[...index]))
        tips.append(chain.tip)
    }
    return (storage.content, tips)
}

/// A block file of records with right checks, whatever their payloads say.
func blockFile(_ records: [(sequence: UInt64, payload: Bytes)]) -> Bytes {
    var file = BlockFileFormat.frames.preamble
    for record in records { LogFrame.append(record.payload, sequence: record.sequence, to: &file) }
    return file
}
