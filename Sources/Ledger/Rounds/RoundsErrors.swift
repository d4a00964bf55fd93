import Cryptography
import Messages
import Primitives

enum RoundsRejection: RejectionReason {
    case unknownRound(UInt64)
    case outsideWindow(round: UInt64, window: ClosedRange<UInt64>, height: UInt64)
    case claimedAlready(round: UInt64)
    case invalidEntries(String)
    case sumsDiffer(String)
    case retiresBefore(serial: UInt64, last: UInt64)
    case barred(untilEpoch: UInt64)
    case notWorked(model: String, String)
    case noOpenClaim(round: UInt64, host: Address)
    case unknownSample(SampleName)
    case notAnAuditor(Address, SampleName)
    case notItsTurn(SampleName, from: UInt64, height: UInt64)
    case notDisputed(SampleName)
    case auditedAlready(SampleName)
    case notCommitted(SampleName)
    case invalidAudit(String)
    case openedAlready(SampleName)
    case invalidOpening(String)

    static let codespace = "rounds"

    var code: UInt32 {
        switch self {
        case .unknownRound: 1
        case .outsideWindow: 2
        case .claimedAlready: 3
        case .invalidEntries: 4
        case .sumsDiffer: 5
        case .retiresBefore: 6
        case .barred: 7
        case .notWorked: 8
        case .noOpenClaim: 9
        case .unknownSample: 10
        case .notAnAuditor: 11
        case .notItsTurn: 12
        case .notDisputed: 13
        case .auditedAlready: 14
        case .notCommitted: 15
        case .invalidAudit: 16
        case .openedAlready: 17
        case .invalidOpening: 18
        }
    }

    var sentence: String {
        switch self {
        case .unknownRound(let id): "there is no round \(id)"
        case .outsideWindow(let round, let window, let height):
            "round \(round) takes this in blocks \(window.lowerBound) to \(window.upperBound), and this is \(height)"
        case .claimedAlready(let round): "this host has claimed in round \(round) already"
        case .invalidEntries(let reason): "the claim's entries are not usable: \(reason)"
        case .sumsDiffer(let what): "the sessions do not add up to the entry: \(what)"
        case .retiresBefore(let serial, let last):
            "this host retires after serving round \(last), before serving round \(serial) settles"
        case .barred(let epoch): "this host was convicted and claims nothing before the sprint of epoch \(epoch)"
        case .notWorked(let model, let reason): "there is nothing to claim for \(model) in this round: \(reason)"
        case .noOpenClaim(let round, let host): "\(host.bech32) has no claim under audit in round \(round)"
        case .unknownSample(let sample): "there is no \(sample) under audit"
        case .notAnAuditor(let host, let sample): "\(host.bech32) was not drawn for \(sample)"
        case .notItsTurn(let sample, let from, let height):
            "this auditor's turn for \(sample) begins at block \(from), and this is \(height)"
        case .notDisputed(let sample): "nobody disputes \(sample)"
        case .auditedAlready(let sample): "this host has given its word on \(sample)"
        case .notCommitted(let sample): "this host committed to no such result for \(sample)"
        case .invalidAudit(let reason): "the audit is not usable: \(reason)"
        case .openedAlready(let sample): "\(sample) is opened already"
        case .invalidOpening(let reason): "the opening is not usable: \(reason)"
        }
    }
}
