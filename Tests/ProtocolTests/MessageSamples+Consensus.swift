import Messages
import Primitives
import ProtocolRules
import TestSupport

/// What is kept of consensus.
extension MessageSamples {
    static let consensus: [Sample] = [
        Sample(
            "consensus-key-record",
            ConsensusKeyRecord(host: host.address, fromHeight: 3, untilHeight: 90, convictedHeight: 70)),
        Sample("absence-record", AbsenceRecord(host: host.address, window: window, awaySince: 60)),
        Sample(
            "absent-power-record",
            AbsentPowerRecord(epoch: 2, hosts: [host.address, payer.address], powers: [100_000_000, 50_000_000])),
    ]

    private static var window: AbsenceWindow {
        var window = AbsenceWindow()
        for height: UInt64 in [40, 41, 50] { window.note(absenceAt: height) }
        return window
    }
}
