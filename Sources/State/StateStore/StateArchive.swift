import Primitives
import WireFormat

/// A state as a text: what another machine starts from, and what anybody can read without a database.
///
/// The first line is the head, each further one an entry, ascending by key, everything in hexadecimal:
///
///     {"chain_id":"gonka-swift-devnet-1","height":"71","app_hash":"81adbd…","entries":"2"}
///     {"key":"0101…","value":"0a14…"}
///
/// The app hash is the root of the entries' tree, so an archive that anybody changed is none, whoever handed it out.
public enum StateArchive {
    /// The largest line that is read, in bytes.
    public static let lineBytesMax = 32 << 20

    /// The first line, without its end.
    public static func head(of state: StoredState) -> Bytes {
        let value: JSONValue = [
            "chain_id": .string(state.chainID), "height": .string(String(state.height)),
            "app_hash": .string(state.appHash.description), "entries": .string(String(state.tree.count)),
        ]
        return value.encoded()
    }

    /// The lines after the head, without their ends.
    public static func entries(of state: StoredState) -> some Sequence<Bytes> {
        state.tree.scan().lazy.map { entry in
            let value: JSONValue = [
                "key": .string(Hex.encode(entry.key)), "value": .string(Hex.encode(entry.value)),
            ]
            return value.encoded()
        }
    }

    /// Takes an archive line by line.
    public struct Reader {
        private var head: (chainID: String, height: UInt64, appHash: Hash32, entries: UInt64)?
        private var entries: [StateEntry] = []

        public init() {}

        /// - Parameter line: without its end.
        public mutating func take(_ line: Bytes) throws(StateArchiveError) {
            let number = entries.count + (head == nil ? 1 : 2)
            var limits = JSONLimits()
            limits.bytesMax = StateArchive.lineBytesMax
            let value: JSONValue
            do throws(JSONError) { value = try JSONParser.parse(line, limits: limits) } catch {
                throw .malformed(line: number)
            }
            if head == nil {
                guard let chainID = value["chain_id"]?.string, let height = Self.number(value["height"]),
                    let appHash = value["app_hash"]?.string.flatMap({ Hex.decode($0) }).flatMap({ Hash32($0) }),
                    let count = Self.number(value["entries"])
                else { throw .malformed(line: number) }
                head = (chainID, height, appHash, count)
                return
            }
            guard let key = value["key"]?.string.flatMap({ Hex.decode($0) }),
                let content = value["value"]?.string.flatMap({ Hex.decode($0) })
            else { throw .malformed(line: number) }
            entries.append(StateEntry(key: key, value: content))
        }

        /// The state, once its entries are shown to be those that the head names.
        public consuming func finish() throws(StateArchiveError) -> StoredState {
            guard let head else { throw .malformed(line: 1) }
            guard head.entries == UInt64(entries.count) else {
                throw .incomplete(entries: entries.count, expected: head.entries)
            }
            guard let tree = StateTree(ascending: entries) else { throw .outOfOrder }
            guard tree.root == head.appHash else { throw .otherAppHash(written: head.appHash, computed: tree.root) }
            return StoredState(chainID: head.chainID, height: head.height, tree: tree)
        }

        private static func number(_ value: JSONValue?) -> UInt64? { value?.string.flatMap { UInt64($0) } }
    }
}

/// Why a text is no archive of a state.
public enum StateArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed(line: Int)
    case incomplete(entries: Int, expected: UInt64)
    case outOfOrder
    case otherAppHash(written: Hash32, computed: Hash32)

    public var description: String {
        switch self {
        case .malformed(let line): "line \(line) is none of an archive"
        case .incomplete(let entries, let expected): "it has \(entries) entries, and its head says \(expected)"
        case .outOfOrder: "its entries are not in ascending order of keys"
        case .otherAppHash(let written, let computed):
            "its app hash should be \(written) and is \(computed): it was changed"
        }
    }
}
