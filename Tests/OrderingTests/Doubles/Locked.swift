import Foundation

/// A value behind a lock that ThreadSanitizer can see: on Linux `Synchronization.Mutex` is a bare futex, and every use of
/// it is reported as a race.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.withLock { body(&value) }
    }
}
