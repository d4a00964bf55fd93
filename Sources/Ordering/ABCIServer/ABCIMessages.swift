import Foundation
import OrderingAPI
import Primitives
import SwiftProtobuf
import WireFormat

// From CometBFT's words to the port's, and back. What cannot be said in the port's is an `ABCIFault`.

/// Why a request cannot be answered. The node stops: an answer would be wrong, and the consensus node stops at an exception
/// as well.
struct ABCIFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension InitChainRequest {
    /// The ledger counts heights from 1. Its genesis state is canonical protobuf: in CometBFT's genesis file `app_state` is the
    /// JSON text that holds it in base64, as in this project's own.
    init(_ request: ABCI_RequestInitChain) throws(ABCIFault) {
        guard request.initialHeight == 1 else {
            throw ABCIFault("the chain begins at height \(request.initialHeight), and this ledger at 1")
        }
        try request.consensusParams.block.check()
        var limits = JSONLimits()
        limits.bytesMax = request.appStateBytes.count
        guard let value = try? JSONParser.parse(Bytes(request.appStateBytes), limits: limits),
            let state = value.string.flatMap({ Base64.decode($0) })
        else { throw ABCIFault("app_state is not a genesis state in base64") }
        self.init(
            chainID: request.chainID, genesisTimeMilliseconds: try milliseconds(request.time), applicationState: state)
    }
}

extension ABCIBlock {
    init(_ request: ABCI_RequestFinalizeBlock) throws(ABCIFault) {
        try self.init(
            height: unsigned(request.height, "a height"), timeMilliseconds: milliseconds(request.time),
            hash: blockHash(request.hash), transactions: request.txs.map { Bytes($0) },
            consensus: ConsensusNews(request.decidedLastCommit, request.misbehavior))
    }

    init(_ request: ABCI_RequestProcessProposal) throws(ABCIFault) {
        try self.init(
            height: unsigned(request.height, "a height"), timeMilliseconds: milliseconds(request.time),
            hash: blockHash(request.hash), transactions: request.txs.map { Bytes($0) },
            consensus: ConsensusNews(request.proposedLastCommit, request.misbehavior))
    }
}

extension ConsensusNews {
    init(_ commit: ABCI_CommitInfo, _ misbehavior: [ABCI_Misbehavior]) throws(ABCIFault) {
        var facts: [Misbehavior] = []
        for fact in misbehavior { facts.append(try Misbehavior(fact)) }
        self.init(
            votes: commit.votes.map { vote in
                CommitVote(validator: Bytes(vote.validator.address), isPresent: vote.blockIDFlag != .absent)
            }, misbehavior: facts)
    }
}

extension Misbehavior {
    init(_ fact: ABCI_Misbehavior) throws(ABCIFault) {
        let kind: Kind =
            switch fact.type {
            case .duplicateVote: .duplicateVote
            case .lightClientAttack: .lightClientAttack
            case .unknown, .UNRECOGNIZED: .unknown
            }
        self.init(kind: kind, validator: Bytes(fact.validator.address), height: try unsigned(fact.height, "a height"))
    }
}

extension ABCI_ValidatorUpdate {
    init(_ update: ValidatorUpdate) {
        self.init()
        pubKey.ed25519 = .init(update.publicKey)
        power = Int64(clamping: update.power)
    }
}

extension ABCI_Event {
    init(_ event: Event) {
        self.init()
        type = event.type
        attributes = event.attributes.map { attribute in
            .with {
                ($0.key, $0.value) = (attribute.key, attribute.value)
                $0.index = true
            }
        }
    }
}

extension ABCI_ExecTxResult {
    init(_ result: TransactionResult) {
        self.init()
        (code, codespace, log) = (result.code, result.codespace, result.log)
        (gasWanted, gasUsed) = (Int64(clamping: result.gasWanted), Int64(clamping: result.gasUsed))
        events = result.events.map(ABCI_Event.init)
    }
}

extension ABCI_ResponseCheckTx {
    init(_ result: TransactionResult) {
        self.init()
        (code, codespace, log) = (result.code, result.codespace, result.log)
        (gasWanted, gasUsed) = (Int64(clamping: result.gasWanted), Int64(clamping: result.gasUsed))
    }
}

extension ABCI_ResponseFinalizeBlock {
    init(_ result: BlockResult) {
        self.init()
        events = result.events.map(ABCI_Event.init)
        txResults = result.transactionResults.map(ABCI_ExecTxResult.init)
        validatorUpdates = result.validatorUpdates.map(ABCI_ValidatorUpdate.init)
        appHash = .init(result.appHash.bytes)
    }
}

extension ABCI_ResponseQuery {
    init(_ answer: QueryResponse) {
        self.init()
        (code, codespace, log) = (answer.code, answer.codespace, answer.log)
        (key, value) = (.init(answer.key), .init(answer.value))
        height = Int64(clamping: answer.height)
        guard !answer.proof.isEmpty else { return }
        proofOps.ops = [
            .with {
                $0.type = QueryResponse.proofType
                ($0.key, $0.data) = (.init(answer.key), .init(answer.proof))
            }
        ]
    }
}

/// The hash of a block.
func blockHash(_ bytes: some Collection<UInt8>) throws(ABCIFault) -> Hash32 {
    guard let hash = Hash32(Bytes(bytes)) else { throw ABCIFault("a block's hash of \(bytes.count) bytes") }
    return hash
}

func unsigned(_ value: Int64, _ what: String) throws(ABCIFault) -> UInt64 {
    guard let value = UInt64(exactly: value) else { throw ABCIFault("\(what) of \(value)") }
    return value
}

/// Since 1970, rounded down.
func milliseconds(_ time: Google_Protobuf_Timestamp) throws(ABCIFault) -> UInt64 {
    guard time.seconds >= 0, time.nanos >= 0, time.seconds < Int64.max / 1_000 - 1_000 else {
        throw ABCIFault("a time of \(time.seconds) s since 1970")
    }
    return UInt64(time.seconds) * 1_000 + UInt64(time.nanos) / 1_000_000
}
