import Primitives
import ProtocolRules

/// Takes a voucher, makes the answer, claims its fee and sends the developer nothing: once, as the gateway then asks others.
public final class NonDeliveringExecutor: HostBehaviour {
    public init() {}

    public func requests(of payer: Address) -> UInt64? { 1 }
}
