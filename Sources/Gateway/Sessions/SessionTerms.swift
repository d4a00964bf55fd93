import Primitives

/// What the sessions of a gateway are opened with.
public struct SessionTerms: Sendable {
    public var deposit: Amount
    /// 0 for the network's default.
    public var groupSize: UInt64
    /// 0 for the network's default.
    public var expiryEpochs: UInt64
    /// Open sessions `unproven`: engines without this network's sampler may then serve any temperature.
    public var isUnproven: Bool

    public init(deposit: Amount, groupSize: UInt64 = 0, expiryEpochs: UInt64 = 0, isUnproven: Bool = false) {
        self.deposit = deposit
        self.groupSize = groupSize
        self.expiryEpochs = expiryEpochs
        self.isUnproven = isUnproven
    }
}
