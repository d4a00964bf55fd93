import ABCIServer
import Cryptography
import LedgerBenchmarks
import Logging
import OrderingAPI
import Primitives

/// The same transfers as `OrderingBench` has, with the ledger behind ABCI: each is checked on the mempool's connection, proposed,
/// processed, executed and committed on the consensus connection, and what waits is checked again after each block, as a CometBFT
/// proposer does. Consensus itself takes no time.
struct ABCIBench {
    let load: TransferLoad
    let application: @Sendable () throws -> sending any ConsensusApplication
    let socketPath: String

    /// Transfers per second, from the first that is checked to the last that is in a durable block.
    func run() async throws -> Double {
        guard let address = ABCIAddress("unix://" + socketPath) else {
            throw OperatorError("\(socketPath) is too long for a socket; choose a shorter TMPDIR.")
        }
        let logger = Logger(label: "gonka.bench") { _ in SwiftLogNoOpLogHandler() }
        let server = ABCIServer(
            address: address, application: try application(),
            terms: ABCITerms(
                version: Version.number, protocolVersion: UInt64(Version.protocolVersion), retainedBlocks: 0),
            logger: logger)
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        return try await withThrowingTaskGroup(of: Double?.self) { group in
            group.addTask {
                try await server.run { _ in isReady.finish() }
                return nil
            }
            group.addTask {
                for await _ in ready {}
                return try await drive()
            }
            defer { group.cancelAll() }
            while let rate = try await group.next() { if let rate { return rate } }
            throw OperatorError("the bench's application stopped by itself.")
        }
    }

    private func drive() async throws -> Double {
        try await ABCIConversation.with(path: socketPath) { consensus in
            try await Self.initChain(load, &consensus)
            let start = ContinuousClock.now
            try await Self.check(load.blocks[0], at: socketPath)
            for (index, block) in load.blocks.enumerated() {
                let following = load.blocks.dropFirst(index + 1).first ?? []
                // What comes next arrives while this block is decided.
                async let checked: Void = Self.check(following, at: socketPath)
                try await Self.decide(block, height: UInt64(index + 1), &consensus)
                // CometBFT lets the mempool rest while a block is committed.
                try await checked
                _ = try await consensus.exchange([.commit])
                try await Self.check(following, at: socketPath, isRecheck: true)
            }
            return Double(load.transactionCount) / (start.duration(to: .now) / .seconds(1))
        }
    }

    private static func initChain(_ load: TransferLoad, _ consensus: inout ABCIConversation) async throws {
        let answer = try await consensus.exchange([
            .initChain(load.genesis, validator: load.validator, power: 1)
        ])
        guard let validators = answer.first, !validators.isEmpty else {
            throw OperatorError("the application has no validators.")
        }
    }

    private static func check(_ transactions: [Bytes], at path: String, isRecheck: Bool = false) async throws {
        try await ABCIConversation.with(path: path) { mempool in
            let answers = try await mempool.exchange(
                transactions.map { .checkTransaction($0, isRecheck: isRecheck) })
            for answer in answers {
                let fields = try ABCIFields(answer)
                guard fields.value(1) == 0 else {
                    throw OperatorError(
                        "a transfer was refused: \(String(decoding: fields.content(3) ?? [], as: UTF8.self))")
                }
            }
        }
    }

    private static func decide(
        _ block: [Bytes], height: UInt64, _ consensus: inout ABCIConversation
    ) async throws {
        let prepared = try await consensus.exchange([.prepareProposal(block, height: height)])
        let proposal = try ABCIFields(prepared[0]).all(1)
        guard proposal.count == block.count else {
            throw OperatorError("the application proposes \(proposal.count) of \(block.count) transfers.")
        }
        let hash = Hash32.sha256(.bigEndian(height))
        let processed = try await consensus.exchange([.processProposal(proposal, height: height, hash: hash)])
        guard try ABCIFields(processed[0]).value(1) == 1 else {
            throw OperatorError("the application refuses its own proposal.")
        }
        _ = try await consensus.exchange([.finalizeBlock(proposal, height: height, hash: hash)])
    }
}
