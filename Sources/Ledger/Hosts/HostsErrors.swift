import Cryptography
import Primitives

enum HostsRejection: RejectionReason {
    case invalidURL(String)
    case invalidOperatorKey
    case invalidConsensusKey
    case consensusKeyInUse
    case invalidModelList(String)
    case alreadyRegistered(Address)
    case notAHost(Address)
    case notActive(Address)

    static let codespace = "hosts"

    var code: UInt32 {
        switch self {
        case .invalidURL: 1
        case .invalidOperatorKey: 2
        case .invalidConsensusKey: 3
        case .consensusKeyInUse: 4
        case .invalidModelList: 5
        case .alreadyRegistered: 6
        case .notAHost: 7
        case .notActive: 8
        }
    }

    var sentence: String {
        switch self {
        case .invalidURL(let reason): "the URL is not usable: \(reason)"
        case .invalidOperatorKey: "the operator key is not a compressed secp256k1 public key of 33 bytes"
        case .invalidConsensusKey: "the consensus key did not sign chain id and host address"
        case .consensusKeyInUse: "another host has or had this consensus key"
        case .invalidModelList(let reason): "the list of models is not usable: \(reason)"
        case .alreadyRegistered(let host): "\(host.bech32) is a host already"
        case .notAHost(let host): "\(host.bech32) is not a host"
        case .notActive(let host): "\(host.bech32) is not an active host"
        }
    }
}
