import Cryptography
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Transfers between many accounts, through the whole ledger: mempool check, block, commit. The same every time but for the
/// clock; whoever gives it a durable storage measures durable blocks.
public struct TransferBenchmark {
    /// How much there is to do.
    public struct Size: Sendable {
        public var accounts = 100_000
        public var transactionsPerBlock = 2_000
        public var blocks = 10

        public init() {}
    }

    /// What each step took, over all blocks.
    public struct Timings: Sendable {
        public let transactions: Int
        /// Decoding, signature, sequence and fee, before the block.
        public var check = Duration.zero
        /// The same once the signature is known: what a recheck costs.
        public var recheck = Duration.zero
        /// Executing the block and computing its app hash.
        public var finalize = Duration.zero
        /// Making it last.
        public var commit = Duration.zero

        /// Transactions per second through all steps.
        public var perSecond: Double { rate(check + finalize + commit) }
        /// The same where signatures and decoding were done before.
        public var perSecondVerified: Double { rate(finalize + commit) }

        private func rate(_ duration: Duration) -> Double { Double(transactions) / (duration / .seconds(1)) }
    }

    private static let chainID = "gonka-swift-bench-1"
    private static let fee = Amount(100_000)

    private let app: LedgerApp
    private let blocks: [[Bytes]]
    private let clock = ContinuousClock()

    /// Makes keys, genesis and signed transactions: seconds for the default size, and not part of what is measured.
    public init(_ size: Size = Size(), storage: any StateStorage) throws(ApplicationFailure) {
        let keys = (0..<size.accounts).map { TransferBenchmark.key(UInt64($0)) }
        let addresses = keys.map(\.publicKey.address)
        let genesis = GenesisState(
            parameters: .devnet,
            accounts: addresses.map { GenesisAccount(address: $0, balance: Amount(1_000 * Amount.ngonkaPerGNK)) },
            models: [], hosts: [])
        app = try LedgerApp(storage: storage)
        _ = try app.initChain(
            InitChainRequest(
                chainID: TransferBenchmark.chainID, genesisTimeMilliseconds: 0, applicationState: genesis.encoded()))
        var sequences = [UInt64](repeating: 0, count: size.accounts)
        var choice: UInt64 = 0
        func pick() -> Int {
            choice &+= 1
            return Int(Hash32.sha256(.bigEndian(choice)).firstWord % UInt64(size.accounts))
        }
        blocks = (0..<size.blocks).map { _ in
            (0..<size.transactionsPerBlock).map { _ in
                let (from, to) = (pick(), pick())
                defer { sequences[from] += 1 }
                return TransferBenchmark.transfer(
                    from: keys[from], number: UInt64(from + 1), sequence: sequences[from], to: addresses[to])
            }
        }
    }

    /// Runs all blocks; once only, as their transactions are then used up.
    public func run() throws(ApplicationFailure) -> Timings {
        var timings = Timings(transactions: blocks.reduce(0) { $0 + $1.count })
        for (index, transactions) in blocks.enumerated() {
            timings.check += try measure { () throws(ApplicationFailure) in try check(transactions, isRecheck: false) }
            // An empty block makes the mempool forget what it assumed.
            try finish(OrderedBlock(height: UInt64(2 * index + 1), transactions: []))
            timings.recheck += try measure { () throws(ApplicationFailure) in try check(transactions, isRecheck: true) }
            let block = OrderedBlock(height: UInt64(2 * index + 2), transactions: transactions)
            timings.finalize += try measure { () throws(ApplicationFailure) in
                let results = try app.finalizeBlock(block).transactionResults
                if let refused = results.first(where: { !$0.isAccepted }) { throw ApplicationFailure(refused.log) }
            }
            timings.commit += try measure { () throws(ApplicationFailure) in try app.commit() }
        }
        return timings
    }

    private func check(_ transactions: [Bytes], isRecheck: Bool) throws(ApplicationFailure) {
        for transaction in transactions {
            let result = app.checkTransaction(transaction, isRecheck: isRecheck)
            if !result.isAccepted { throw ApplicationFailure(result.log) }
        }
    }

    private func finish(_ block: OrderedBlock) throws(ApplicationFailure) {
        _ = try app.finalizeBlock(block)
        try app.commit()
    }

    private func measure(
        _ body: () throws(ApplicationFailure) -> Void
    ) throws(ApplicationFailure) -> Duration {
        let start = clock.now
        try body()
        return start.duration(to: clock.now)
    }

    /// One seed in 2¹²⁸ is no key; the next one is.
    private static func key(_ index: UInt64) -> PrivateKey {
        var seed = Hash32.sha256(.bigEndian(index))
        while true {
            if let key = PrivateKey(Secret(seed.bytes)) { return key }
            seed = .sha256(seed.bytes)
        }
    }

    private static func transfer(from key: PrivateKey, number: UInt64, sequence: UInt64, to: Address) -> Bytes {
        let message = MsgSend(from: key.publicKey.address, to: to, amount: Amount(1))
        let publicKey = Secp256k1PublicKey(key: key.publicKey.compressed).packed
        let document = SignDocument(
            bodyBytes: TransactionBody(messages: [message.packed]).encoded(),
            authInfoBytes: AuthenticationInfo(
                signerInfos: [SignerInfo(publicKey: publicKey, sequence: sequence)],
                fee: TransactionFee(amount: [Coin(fee)], gasLimit: 200_000)
            ).encoded(), chainID: chainID, accountNumber: number)
        return TransactionRaw(
            bodyBytes: document.bodyBytes, authInfoBytes: document.authInfoBytes,
            signatures: [key.sign(.sha256(document.encoded())).compact]
        ).encoded()
    }
}

extension OrderedBlock {
    /// A block whose hash follows from its height: transfers do not read it, and only the first has no parent.
    fileprivate init(height: UInt64, transactions: [Bytes]) {
        self.init(
            height: height, timeMilliseconds: 0, hash: .sha256(.bigEndian(height)),
            parentHash: height > 1 ? .sha256(.bigEndian(height - 1)) : .zero,
            transactions: transactions)
    }
}
