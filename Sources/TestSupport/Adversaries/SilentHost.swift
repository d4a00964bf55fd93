import Messages
import Primitives
import ProtocolRules

/// Claims, and then neither hands out nor opens anything.
public final class SilentHost: HostBehaviour {
    public init() {}

    public func handsOut(_ sample: SampleName, to auditor: Address, stage: AuditStage) -> Bool { false }
    public func opensItems(of round: UInt64) -> Bool { false }
}
