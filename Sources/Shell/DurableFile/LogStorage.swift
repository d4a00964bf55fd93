import Primitives

/// The few things that a log asks of a file. Tests put a disk behind it that fails, tears and forgets.
package protocol LogStorage: AnyObject, Sendable {
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

/// A folder of log files, held by one owner.
package protocol LogFolder: AnyObject, Sendable {
    /// The names of all files in it, ascending by bytes.
    func names() throws(SystemCallError) -> [String]

    /// Opens a file, creating it where there is none; its name is durable when this returns.
    func open(_ name: String) throws(SystemCallError) -> any LogStorage

    /// Removes a file. Whether it is gone after a loss of power is not promised: the caller removes it again.
    func remove(_ name: String) throws(SystemCallError)
}
