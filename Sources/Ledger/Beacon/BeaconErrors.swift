import Cryptography
import Primitives

enum BeaconRejection: RejectionReason {
    case wrongInterval(given: UInt64, current: UInt64)
    case notAValidator(Address)
    case givenAlready(interval: UInt64)
    case wrongSecret
    case nothingStands

    static let codespace = "beacon"

    var code: UInt32 {
        switch self {
        case .wrongInterval: 1
        case .notAValidator: 2
        case .givenAlready: 3
        case .wrongSecret: 4
        case .nothingStands: 5
        }
    }

    var sentence: String {
        switch self {
        case .wrongInterval(let given, let current): "it is for interval \(given), and interval \(current) runs"
        case .notAValidator(let host): "\(host.bech32) is none of the validators of this interval"
        case .givenAlready(let interval): "this validator has given its part of interval \(interval)"
        case .wrongSecret: "the secret is not the one whose hash was given last"
        case .nothingStands: "there is nothing to reveal: no hash of this validator stands"
        }
    }
}
