import Primitives

public struct QueryRequest: Equatable, Sendable {
    /// For example `/gonka.v1.Query/Session`.
    public let path: String
    public let data: Bytes
    /// True where the answer should carry a proof against the app hash.
    public let wantsProof: Bool

    public init(path: String, data: Bytes, wantsProof: Bool = false) {
        self.path = path
        self.data = data
        self.wantsProof = wantsProof
    }
}

public struct QueryResponse: Equatable, Sendable {
    /// What Cosmos clients call a proof operation whose data is ICS-23's `CommitmentProof` of the `TendermintSpec`. An answer
    /// carries one operation, whose key is the key that was read.
    public static let proofType = "ics23:simple"

    /// 0, or the stable code of a reason within `codespace`.
    public let code: UInt32
    public let codespace: String
    public let log: String
    /// The state key that was read, where the query names one.
    public let key: Bytes
    public let value: Bytes
    /// The encoded proof, of type `proofType`, that `key` holds `value` (or nothing) under `appHash`; empty where none was asked for.
    public let proof: Bytes
    /// The height whose state was read, and its app hash.
    public let height: UInt64
    public let appHash: Hash32

    public init(
        code: UInt32 = 0, codespace: String = "", log: String = "", key: Bytes = [], value: Bytes = [],
        proof: Bytes = [],
        height: UInt64, appHash: Hash32
    ) {
        self.code = code
        self.codespace = codespace
        self.log = log
        self.key = key
        self.value = value
        self.proof = proof
        self.height = height
        self.appHash = appHash
    }
}
