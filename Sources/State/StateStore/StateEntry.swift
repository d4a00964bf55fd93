import Primitives

/// One key of the state and what it holds.
public struct StateEntry: Equatable, Sendable {
    public let key: Bytes
    public let value: Bytes

    public init(key: Bytes, value: Bytes) {
        self.key = key
        self.value = value
    }
}

/// What one key is to hold from now on.
public struct StateChange: Equatable, Sendable {
    public let key: Bytes
    /// The new value, or nil where the key is to be gone.
    public let value: Bytes?

    public init(key: Bytes, value: Bytes?) {
        self.key = key
        self.value = value
    }
}
