import Cryptography
import Primitives
import Synchronization

/// The API keys that are taken now: those of the file, which is read again from time to time, so that a key can be made or
/// removed while the gateway runs.
final class KeyDirectory: Sendable {
    private let known: Mutex<APIKeys>

    init(_ keys: APIKeys) { known = Mutex(keys) }

    /// Reads the file again.
    ///
    /// - Throws: where it is not usable; the keys stay as they were.
    func refresh() throws(GatewayError) {
        // Under the lock: what is changed meanwhile must not be undone by an older file.
        try update { keys throws(GatewayError) in keys = try keys.reread() }
    }

    /// All of them, in the order in which they were made.
    var all: [APIKey] { known.withLock { $0 }.keys }

    /// The key of that name, or nil.
    subscript(name: String) -> APIKey? { known.withLock { $0 }[name] }

    /// Changes the file, and what is taken from now on.
    func update<Value: Sendable>(
        _ change: (inout APIKeys) throws(GatewayError) -> Value
    ) throws(GatewayError) -> Value {
        let result: Result<Value, GatewayError> = known.withLock { keys in
            do throws(GatewayError) { return .success(try change(&keys)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Whose secret `text` is, or nil where nobody was given it.
    func key(of text: String) -> APIKey? { known.withLock { $0 }.key(of: text) }

    /// The key of an account that signs its requests.
    func key(of address: Address) -> APIKey? { known.withLock { $0 }.key(of: address) }
}
