import Synchronization

@testable import Gateway

/// A disk for the voucher book that a test can crash: the write that it names either happens and is never reported, or does
/// not happen; every later one fails.
final class MemoryBook: VoucherStorage {
    enum Crash: Sendable {
        case before(write: Int)
        case after(write: Int)
    }

    private struct State {
        var saved: [VoucherBook.Key: VoucherAccount.Reservation] = [:]
        var writes = 0
    }

    private let state: Mutex<State>
    private let crash: Crash?

    /// - Parameter disk: what an earlier book left.
    init(disk: MemoryBook? = nil, crash: Crash? = nil) {
        state = Mutex(State(saved: disk?.saved ?? [:]))
        self.crash = crash
    }

    var saved: [VoucherBook.Key: VoucherAccount.Reservation] { state.withLock { $0.saved } }
    var writes: Int { state.withLock { $0.writes } }

    func load() -> [VoucherBook.Key: VoucherAccount.Reservation] { saved }

    func save(_ reservations: [VoucherBook.Key: VoucherAccount.Reservation]) throws(GatewayError) {
        let isLost = state.withLock { state in
            state.writes += 1
            switch crash {
            case .before(let write) where state.writes >= write: return true
            case .after(let write) where state.writes == write:
                state.saved = reservations
                return true
            case .after(let write) where state.writes > write: return true
            default:
                state.saved = reservations
                return false
            }
        }
        if isLost { throw .cannotWrite(path: "memory", reason: "crashed") }
    }
}
