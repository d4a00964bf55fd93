import Primitives

/// The few things that a block file asks of a disk. Tests put a disk behind it that fails, tears and forgets.
package protocol LogStorage: AnyObject {
    /// Bytes in the file now.
    func size() throws(SystemCallError) -> UInt64

    /// The `count` bytes from `offset`, fewer only where the file ends.
    func read(at offset: UInt64, count: Int) throws(SystemCallError) -> Bytes

    /// Writes all of `bytes` from `offset`. After an error any part of them may be there.
    func write(_ bytes: Bytes, at offset: UInt64) throws(SystemCallError)

    /// Cuts the file to its first `size` bytes.
    func truncate(to size: UInt64) throws(SystemCallError)

    /// Returns when all that was written survives a loss of power. After an error nobody knows what does, and a second call
    /// may succeed without having written anything: the caller never asks again.
    func sync() throws(SystemCallError)
}

/// A system call that failed.
public struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// For example `fsync`.
    public let call: String
    public let path: String
    /// For example `No space left on device`.
    public let reason: String

    public var description: String { "\(call) of \(path) failed: \(reason)" }

    package init(call: String, path: String, reason: String) {
        self.call = call
        self.path = path
        self.reason = reason
    }
}
