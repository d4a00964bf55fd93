import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import WireFormat

/// A genesis with many accounts and signed transfers between them, in blocks. The same every time.
public struct TransferLoad: Sendable {
    /// How much there is to do.
    public struct Size: Sendable {
        public var accounts = 100_000
        public var transactionsPerBlock = 2_000
        public var blocks = 10

        public init() {}
    }

    public static let chainID = "gonka-swift-bench-1"
    /// Above bytes × fee per byte of any of them.
    private static let fee = Amount(100_000)

    public let genesis: InitChainRequest
    /// Valid in this order only: a sender's sequences count on.
    public let blocks: [[Bytes]]
    /// The consensus key of the only validator, 32 bytes.
    public let validator: Bytes
    /// The account that signed each, numbered from 0.
    private let senders: [[Int]]

    public var transactionCount: Int { blocks.reduce(0) { $0 + $1.count } }

    /// Makes keys and signatures: seconds for the default size.
    public init(_ size: Size = Size()) {
        let keys = (0..<size.accounts).map { TransferLoad.key(UInt64($0)) }
        let addresses = keys.map(\.publicKey.address)
        (genesis, validator) = TransferLoad.genesis(accounts: addresses, .devnet)
        var sequences = [UInt64](repeating: 0, count: size.accounts)
        var choice: UInt64 = 0
        func pick() -> Int {
            choice &+= 1
            return Int(Hash32.sha256(.bigEndian(choice)).firstWord % UInt64(size.accounts))
        }
        let pairs = (0..<size.blocks).map { _ in (0..<size.transactionsPerBlock).map { _ in (from: pick(), to: pick()) }
        }
        senders = pairs.map { $0.map(\.from) }
        blocks = pairs.map { pairs in
            pairs.map { from, to in
                defer { sequences[from] += 1 }
                return TransferLoad.transfer(
                    from: keys[from], number: UInt64(from + 1), sequence: sequences[from], to: addresses[to])
            }
        }
    }

    /// A ledger with coins on accounts, one model, and one host that serves it and votes.
    ///
    /// - Returns: the request that begins the chain, and the host's consensus key, 32 bytes.
    static func genesis(
        accounts: [Address], _ parameters: ProtocolParameters
    ) -> (request: InitChainRequest, validator: Bytes) {
        // A consensus node takes no chain without a validator.
        let host = LoadHost(0)
        let state = GenesisState(
            parameters: parameters,
            accounts: accounts.map { GenesisAccount(address: $0, balance: Amount(1_000 * Amount.ngonkaPerGNK)) },
            models: [model], hosts: [host.genesis(serving: [model.id])])
        let request = InitChainRequest(
            chainID: chainID, genesisTimeMilliseconds: 0, applicationState: state.encoded())
        return (request, host.consensusKey)
    }

    /// All transfers in so many shares. Those of one sender are in one share and in order, so that shares may be sent at once.
    public func shares(_ count: Int) -> [[Bytes]] {
        var shares = [[Bytes]](repeating: [], count: count)
        for (transactions, senders) in zip(blocks, senders) {
            for (transaction, sender) in zip(transactions, senders) { shares[sender % count].append(transaction) }
        }
        return shares
    }

    static let model = ModelRecord(
        id: "bench", fileHash: .zero, vocabulary: 256, contextTokens: 2_048, coefficientPartsPerMillion: 1_000_000,
        prices: TokenPrices(
            input: 1_000_000 * TokenPrices.scale, cachedInput: 500_000 * TokenPrices.scale,
            output: 4_000_000 * TokenPrices.scale), thresholds: .smolLM2, ordinaryTokens: .none)

    /// One seed in 2¹²⁸ is no key; the next one is.
    static func key(_ index: UInt64) -> PrivateKey {
        var seed = Hash32.sha256(.bigEndian(index))
        while true {
            if let key = PrivateKey(Secret(seed.bytes)) { return key }
            seed = .sha256(seed.bytes)
        }
    }

    private static func transfer(from key: PrivateKey, number: UInt64, sequence: UInt64, to: Address) -> Bytes {
        signed(MsgSend(from: key.publicKey.address, to: to, amount: Amount(1)), by: key, number, sequence)
    }

    /// - Parameters:
    ///   - number: the account's.
    ///   - sequence: how many of its transactions came before.
    static func signed(
        _ message: some LedgerMessage, by key: PrivateKey, _ number: UInt64, _ sequence: UInt64
    ) -> Bytes {
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
