import Cryptography
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// A ledger in memory, driven by hand: sign messages, make blocks, read records. After every block all sums are recounted.
///
///     let ledger = try TestLedger()
///     let payer = ledger.accounts[0]
///     let result = try ledger.run(MsgSend(from: payer.address, to: other, amount: Amount(5)), by: payer)
///     #expect(result.isAccepted)
public final class TestLedger {
    public static let chainID = "gonka-swift-test-1"

    public let app: LedgerApp
    public let genesis: InitChainRequest
    public let parameters: ProtocolParameters
    /// Funded accounts that are no hosts.
    public let accounts: [TestAccount]
    /// Registered by genesis, in the plan's order.
    public let hosts: [TestHost]
    public let model: String
    /// What the ledger told consensus at genesis.
    public let validators: [ValidatorUpdate]
    /// All blocks that were made here, for a replay.
    public private(set) var blocks: [OrderedBlock] = []
    /// What the last block did.
    public private(set) var lastResult: BlockResult?
    /// Recounts after every block; off where a test measures or makes thousands of blocks.
    public var audits = true
    /// What all hosts' daemons would do for the next block, sent with it; nil where a test does everything by hand.
    public var duties: SimulatedDuties?
    /// What became of the duties in the last block.
    public private(set) var dutyResults: [TransactionResult] = []
    /// Orders blocks and has `app` execute them in the ledger's stead, for whoever records them; nil does it here.
    public var ordering: ((_ transactions: [Bytes]) throws -> BlockResult)?
    private var lastHash = Hash32.zero
    /// How many transactions of an account wait for the next block.
    private var waiting: [Address: UInt64] = [:]
    private var prepared: [Bytes]?

    /// - Parameter plan: `model` is the first of its models.
    public init(_ plan: TestLedgerPlan = TestLedgerPlan()) throws {
        app = try LedgerApp(storage: MemoryStorage())
        genesis = plan.request
        parameters = plan.parameters
        (accounts, hosts, model) = (plan.accounts, plan.hosts, plan.models.first?.id ?? "")
        duties = SimulatedDuties(hosts: plan.hosts)
        validators = try app.initChain(genesis).validators
        try app.audit()
    }

    /// The last block's height.
    public var height: UInt64 { app.state.height }
    public var appHash: Hash32 { app.state.appHash }

    /// Signs with the next sequence of `signer`, those that wait for a block counted.
    ///
    /// - Parameter fee: nil for exactly what the length asks for.
    public func sign(_ messages: [any LedgerMessage], by signer: TestAccount, fee: Amount? = nil) throws -> Bytes {
        var transaction = try draft(messages, by: signer)
        if let fee { transaction.offer(fee) } else { transaction.offer(perByte: parameters.economy.feePerByteNgonka) }
        return transaction.signed(by: signer.key)
    }

    /// The same before it has a fee and a signature.
    public func draft(_ messages: [any LedgerMessage], by signer: TestAccount) throws -> TestTransaction {
        let account = try record(AccountRecord.self, at: StateKey.account(signer.address))
        let ahead = waiting[signer.address, default: 0]
        waiting[signer.address] = ahead + 1
        return TestTransaction(
            messages, by: signer.key.publicKey, accountNumber: account?.number ?? 0,
            sequence: (account?.sequence ?? 0) + ahead)
    }

    /// Takes back that signed transactions wait for the next block: they were tried without one.
    public func forgetSigned() { waiting = [:] }

    /// Makes a block of `transactions` and commits it.
    ///
    /// - Parameter consensus: what the block tells of validators; nobody else orders blocks where `ordering` does.
    /// - Returns: the block's result, with the results of `transactions` alone; those of duties are `dutyResults`.
    @discardableResult
    public func block(_ transactions: [Bytes] = [], consensus: ConsensusNews = .none) throws -> BlockResult {
        let due = try prepared ?? signedDuties()
        prepared = nil
        let all = transactions + due
        waiting = [:]
        let result = try ordering.map { try $0(all) } ?? order(all, consensus)
        if audits { try app.audit() }
        dutyResults = Array(result.transactionResults.dropFirst(transactions.count))
        let own = BlockResult(
            transactionResults: Array(result.transactionResults.prefix(transactions.count)), events: result.events,
            appHash: result.appHash, validatorUpdates: result.validatorUpdates)
        lastResult = own
        return own
    }

    /// Plans and signs the next block's duties ahead, so that what is measured of the block is the ledger's work alone.
    public func prepare() throws { prepared = try signedDuties() }

    private func signedDuties() throws -> [Bytes] {
        try (duties?.due(in: self) ?? []).map { try sign([$0.message], by: $0.host.operatorAccount, fee: .zero) }
    }

    private func order(_ transactions: [Bytes], _ consensus: ConsensusNews) throws -> BlockResult {
        let contents = transactions.reduce(Bytes.bigEndian(height + 1)) { $0 + Hash32.sha256($1).bytes }
        let hash = Hash32.sha256(lastHash.bytes + contents)
        let block = OrderedBlock(
            height: height + 1, timeMilliseconds: genesis.genesisTimeMilliseconds + height * 1_000, hash: hash,
            parentHash: lastHash, transactions: transactions, consensus: consensus)
        let result = try app.finalizeBlock(block)
        try app.commit()
        blocks.append(block)
        lastHash = hash
        return result
    }

    /// One message in a block of its own.
    @discardableResult
    public func run(
        _ message: any LedgerMessage, by signer: TestAccount, fee: Amount? = nil
    ) throws -> TransactionResult {
        try block([sign([message], by: signer, fee: fee)]).transactionResults[0]
    }

    /// Makes empty blocks until `height` is the last one.
    public func advance(to height: UInt64) throws {
        while self.height < height { try block() }
    }

    /// The committed record at `key`, or nil.
    public func record<Record: CanonicalMessage>(_ type: Record.Type, at key: Bytes) throws -> Record? {
        try app.state.tree.value(for: key).map { try Record.decode($0) }
    }

    public func balance(of address: Address) throws -> Amount {
        try record(AccountRecord.self, at: StateKey.account(address))?.balance ?? .zero
    }

    /// What an account put down as a host and gets back, all that is on its way.
    public func leaving(of host: Address) throws -> Amount {
        let withdrawals = try app.state.tree.scan(prefix: StateTable.withdrawals.prefix).map {
            try WithdrawalRecord.decode($0.value)
        }
        return Amount(withdrawals.reduce(0) { $1.host == host ? $0 + $1.amount.ngonka : $0 })
    }

    public var supply: SupplyRecord {
        get throws { try record(SupplyRecord.self, at: StateKey.supply) ?? SupplyRecord() }
    }

    /// The app hash that another process would have after the same blocks.
    public func replayedAppHash() throws -> Hash32 {
        let copy = try LedgerApp(storage: MemoryStorage())
        _ = try copy.initChain(genesis)
        for block in blocks {
            _ = try copy.finalizeBlock(block)
            try copy.commit()
        }
        return copy.state.appHash
    }
}
