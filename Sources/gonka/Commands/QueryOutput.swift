import ArgumentParser
import LedgerClient
import Primitives
import WireFormat

/// Whether an answer must be proven, and by whose blocks.
struct ProofOptions: ParsableArguments {
    @Flag(help: "Check the answer against the app hash that the next block records.") var verify = false
    @Option(help: "With --verify: take that block from the node with this RPC address, not from the one that is asked.")
    var trust: String?

    func validate() throws {
        if trust != nil, !verify { throw ValidationError("--trust says whose blocks --verify believes; add --verify.") }
    }

    /// - Throws: `OperatorError` where the configuration cannot be read.
    func reader(_ node: NodeOptions) async throws -> RecordReader {
        let ledger = try await node.ledger()
        guard verify else { return RecordReader(ledger: ledger, proofs: nil) }
        let proven = ProvenLedger(ledger, trusting: trust.map { RPCLedger(url: $0) })
        return RecordReader(ledger: proven, proofs: proven)
    }
}

/// Reads records, with proofs where they are wanted.
struct RecordReader {
    let ledger: any LedgerAccess
    fileprivate let proofs: ProvenLedger?

    /// The answer with the block and app hash that it was proven by; of several reads, the oldest's.
    func proven(_ value: JSONValue) -> JSONValue {
        guard let read = proofs?.oldest, var object = value.object else { return value }
        object.append("verified_height", .number(read.height))
        object.append("verified_app_hash", .string(read.appHash.description))
        return .object(object)
    }
}

func found<Record>(_ record: Record?, _ name: String) throws -> Record {
    guard let record else { throw OperatorError("the ledger has no \(name).") }
    return record
}

func show(_ value: JSONValue, _ json: Bool) {
    if json { Output.json(value) } else { StandardOutput.write(value.lines) }
}

func showAll(_ values: Listing<JSONValue>, _ json: Bool) {
    if json {
        Output.json(.array(values.elements))
    } else {
        StandardOutput.write(values.elements.map(\.lines).joined(separator: "\n"))
    }
    tellWhereCut(values)
}

/// A list that ends at its bound and not at its end says so, beside the answer.
func tellWhereCut<Element>(_ list: Listing<Element>) {
    guard !list.isComplete else { return }
    StandardError.write("gonka: the list is longer; these are its first \(list.elements.count) records.\n")
}
