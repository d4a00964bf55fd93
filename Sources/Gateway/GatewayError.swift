import LedgerClient

/// Why a gateway cannot start or go on. One sentence, and what to do.
public enum GatewayError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The voucher book on disk is not one that this program wrote.
    case damagedBook(path: String, reason: String)
    /// The API keys' file is not usable.
    case damagedKeys(path: String, reason: String)
    /// A key of that name exists already.
    case keyExists(name: String)
    /// A key cannot be as it was asked for.
    case unusableKey(reason: String)
    /// A key names a routing policy that the gateway does not define; without a key's name it is one that is being made.
    case unknownPolicy(name: String, key: String?)
    case cannotRead(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case ledger(LedgerAccessError)
    /// The payer's account does not hold a session's deposit.
    case insufficientFunds(String)
    /// The ledger did not take a transaction of ours.
    case refusedByLedger(String)
    /// A session was paid for and no host could be drawn.
    case noHosts(model: String)
    /// The sessions were closed by order.
    case closed

    public var description: String {
        switch self {
        case .damagedBook(let path, let reason):
            "The voucher book \(path) is damaged (\(reason)); move it away, and its sessions are closed at the next start."
        case .damagedKeys(let path, let reason):
            "The API keys in \(path) are not usable (\(reason)); restore the file, or move it away and make new keys."
        case .keyExists(let name):
            "There is an API key named \(name), or for the same account, already; choose another name."
        case .unusableKey(let reason): "The key cannot be so: \(reason)."
        case .unknownPolicy(let name, let key):
            "\(key.map { "The key '\($0)' has the" } ?? "A key cannot have the") routing policy '\(name)', which the gateway does "
                + "not define; write [gateway.policies.\(name)] in config.toml, or change the key."
        case .cannotRead(let path, let reason): "\(path) could not be read (\(reason)); see to its permissions."
        case .cannotWrite(let path, let reason): "\(path) could not be written (\(reason)); see to the disk."
        case .ledger(let error): "\(error)"
        case .insufficientFunds(let reason): "The payer cannot pay for a session (\(reason)); send it coins."
        case .refusedByLedger(let reason): "The ledger refused: \(reason)."
        case .noHosts(let model): "No host serves \(model) now; the deposit is back. Try again later."
        case .closed: "The gateway's sessions are closed; open them again, or start the gateway anew."
        }
    }

    /// Why no session can be had, for everybody to read: one of a few phrases, without the ledger's words and without paths.
    /// The rest is in the log.
    var publicReason: String {
        switch self {
        case .damagedBook, .damagedKeys, .keyExists, .unusableKey, .unknownPolicy, .cannotRead:
            "its files cannot be used"
        case .cannotWrite: "its vouchers cannot be written down"
        case .ledger: "the ledger cannot be reached"
        case .insufficientFunds: "the payer cannot pay for it"
        case .refusedByLedger: "the ledger refused it"
        case .noHosts: "no host serves it"
        case .closed: "the sessions are closed"
        }
    }
}
