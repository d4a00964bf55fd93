import Primitives
import WireFormat

/// Where every coin is. The purses always add up to `genesis + minted − burned`.
public struct SupplyRecord: CanonicalMessage, Equatable {
    public var genesis: Amount
    public var minted: Amount
    public var burned: Amount
    public var balances: Amount
    public var bonds: Amount
    public var deposits: Amount
    public var pool: Amount
    /// Collateral of hosts, that being withdrawn included.
    public var collateral: Amount
    /// Rewards and genesis coins that are not released yet.
    public var vesting: Amount
    /// Accounts ever created: the newest has this number.
    public var accounts: UInt64

    public init(
        genesis: Amount = .zero, minted: Amount = .zero, burned: Amount = .zero, balances: Amount = .zero,
        bonds: Amount = .zero, deposits: Amount = .zero, pool: Amount = .zero, collateral: Amount = .zero,
        vesting: Amount = .zero, accounts: UInt64 = 0
    ) {
        self.genesis = genesis
        self.minted = minted
        self.burned = burned
        self.balances = balances
        self.bonds = bonds
        self.deposits = deposits
        self.pool = pool
        self.collateral = collateral
        self.vesting = vesting
        self.accounts = accounts
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init()
        while let field = try decoder.nextField() {
            switch field {
            case 1: genesis = Amount(try decoder.unsigned())
            case 2: minted = Amount(try decoder.unsigned())
            case 3: burned = Amount(try decoder.unsigned())
            case 4: balances = Amount(try decoder.unsigned())
            case 5: bonds = Amount(try decoder.unsigned())
            case 6: deposits = Amount(try decoder.unsigned())
            case 7: pool = Amount(try decoder.unsigned())
            case 8: accounts = try decoder.unsigned()
            case 9: collateral = Amount(try decoder.unsigned())
            case 10: vesting = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(genesis.ngonka, field: 1)
        encoder.write(minted.ngonka, field: 2)
        encoder.write(burned.ngonka, field: 3)
        encoder.write(balances.ngonka, field: 4)
        encoder.write(bonds.ngonka, field: 5)
        encoder.write(deposits.ngonka, field: 6)
        encoder.write(pool.ngonka, field: 7)
        encoder.write(accounts, field: 8)
        encoder.write(collateral.ngonka, field: 9)
        encoder.write(vesting.ngonka, field: 10)
    }
}
