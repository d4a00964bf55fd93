import Messages
import Primitives

/// Keys that only this module reads.
enum HostsKeys {
    /// `0404 ‖ 0000000000000009 ‖ fc7250a2…1cef`: retires when this round has settled.
    static func retirement(round: UInt64, host: Address) -> Bytes {
        StateTable.retirements.key(.bigEndian(round), host.bytes)
    }
}
