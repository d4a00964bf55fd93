import Cryptography
import Foundation
import Ledger
import Logging
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import SoloOrdering
import StateDisk
import StateStore
import Wallet
import WireFormat

/// Transfers through the ledger: with everything, to a durable block; and without signatures, in memory.
struct LedgerBench {
    private static let transfersPerBlock = 2_000
    private static let chainID = "gonka-swift-bench-1"
    private static let fee = Amount(200_000)

    private let accounts: Int
    private let blocks: Int
    private let senders: [PrivateKey]
    private let targets: [Address]

    init(accounts: Int, blocks: Int) {
        self.accounts = accounts
        self.blocks = blocks
        senders = (0..<Self.transfersPerBlock).map { _ in PrivateKey.random() }
        targets = (0..<accounts).compactMap { index in
            Address(Bytes(Hash32.sha256(.bigEndian(UInt64(index))).bytes.prefix(Address.length)))
        }
    }

    func run() async throws {
        StandardOutput.write("Ledger, \(accounts) accounts, blocks of \(Self.transfersPerBlock) transfers:\n\n")
        let transfers = try signed()
        StandardError.write("  signed \(transfers.count * Self.transfersPerBlock) transfers\n")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let durable = try await throughOrdering(transfers, folder: folder.path)
        let unsigned = try inMemory(transfers)
        let replayed = try replay(folder.path + "/blocks.log")
        StandardOutput.write(
            Output.table(
                ["what", "per second"],
                [
                    ["signed transfers, mempool to durable block", Figure.whole(durable)],
                    ["the same executed in memory, verified beforehand", Figure.whole(unsigned)],
                    ["transfers replayed from the block file, signatures included", Figure.whole(replayed)],
                ]) + "\n")
    }

    private func genesis() -> InitChainRequest {
        let coins = Amount(1_000 * Amount.ngonkaPerGNK)
        let addresses = senders.map(\.publicKey.address) + targets
        let state = GenesisState(
            parameters: .devnet, accounts: addresses.map { GenesisAccount(address: $0, balance: coins) }, models: [],
            hosts: [])
        return InitChainRequest(
            chainID: Self.chainID, genesisTimeMilliseconds: 0, applicationState: state.encoded())
    }

    /// Per block one transfer of each sender, to an account chosen by its place.
    private func signed() throws -> [[Bytes]] {
        let signers = try senders.map { try TransactionSigner(key: $0, chainID: Self.chainID) }
        return (0..<blocks).map { block in
            signers.indices.map { index in
                let target = targets[(block * signers.count + index) * 7_919 % targets.count]
                let message = MsgSend(from: signers[index].address, to: target, amount: Amount(1))
                return signers[index].sign(
                    TransactionBody(messages: [message.packed]),
                    fee: TransactionFee(amount: [Coin(Self.fee)], gasLimit: 200_000), accountNumber: UInt64(index),
                    sequence: UInt64(block)
                ).bytes
            }
        }
    }

    private func throughOrdering(_ transfers: [[Bytes]], folder: String) async throws -> Double {
        var limits = Limits()
        limits.blockTransactionsMax = Self.transfersPerBlock
        limits.waitingMax = blocks * Self.transfersPerBlock
        limits.waitingBytesMax = 1 << 30
        let ordering = try SoloOrdering(
            application: LedgerApp(storage: DiskStorage(path: folder + "/state.sqlite")), genesis: genesis(),
            blockFile: folder + "/blocks.log", pace: .asSoonAsPossible, limits: limits,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        try await ordering.start()
        let running = Task { try await ordering.run() }
        let clock = ContinuousClock()
        let started = clock.now
        for block in transfers { for transfer in block { _ = try await ordering.broadcast(transfer) } }
        guard let last = transfers.last?.last else { return 0 }
        _ = try await ordering.waitForTransaction(.sha256(last), timeout: .seconds(120))
        let rate = Self.rate(blocks * Self.transfersPerBlock, since: started, clock)
        await ordering.stop()
        try await running.value
        return rate
    }

    private func inMemory(_ transfers: [[Bytes]]) throws -> Double {
        let application = try LedgerApp(storage: MemoryStorage())
        _ = try application.initChain(genesis())
        let clock = ContinuousClock()
        var rates: [Double] = []
        for (index, block) in transfers.enumerated() {
            for transfer in block { _ = application.checkTransaction(transfer, isRecheck: false) }
            let ordered = OrderedBlock(
                height: UInt64(index + 1), timeMilliseconds: 0, hash: .sha256(.bigEndian(UInt64(index + 1))),
                parentHash: .sha256(.bigEndian(UInt64(index))), transactions: block)
            let started = clock.now
            let result = try application.finalizeBlock(ordered)
            try application.commit()
            rates.append(Self.rate(block.count, since: started, clock))
            guard result.transactionResults.allSatisfy(\.isAccepted) else {
                throw OperatorError("a transfer of the benchmark failed; its figures would mean nothing.")
            }
        }
        return rates.sorted()[rates.count / 2]
    }

    private func replay(_ file: String) throws -> Double {
        let clock = ContinuousClock()
        var replay = try Replay(path: file, application: LedgerApp(storage: MemoryStorage()))
        let started = clock.now
        while try replay.next() != nil {}
        return Self.rate(blocks * Self.transfersPerBlock, since: started, clock)
    }

    private static func rate(_ count: Int, since start: ContinuousClock.Instant, _ clock: ContinuousClock) -> Double {
        let elapsed = start.duration(to: clock.now).components
        return Double(count) / (Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }
}
