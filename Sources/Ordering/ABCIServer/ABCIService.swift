import Foundation
import OrderingAPI
import Primitives
import SwiftProtobuf

/// Answers one request of CometBFT after the other. Which of its four connections one comes in on tells nothing and changes
/// nothing.
struct ABCIService: Sendable {
    /// What of ABCI this speaks; a consensus node that speaks another main version is refused.
    static let abciVersion = "2.0.0"

    let application: ABCIApplication
    let terms: ABCITerms

    /// - Throws: `ABCIFault` for what cannot be answered; the connection, and the node, then end.
    func answer(_ request: ABCI_Request) async throws(ABCIFault) -> ABCI_Response {
        switch request.value {
        case .echo(let echo): return .with { $0.echo.message = echo.message }
        case .flush: return .with { $0.flush = ABCI_ResponseFlush() }
        case .info(let info): return try self.info(info)
        case .query(let query): return .with { $0.query = self.query(query) }
        case .checkTx(let check): return try await checkTransaction(check)
        case .initChain, .prepareProposal, .processProposal, .extendVote, .verifyVoteExtension, .finalizeBlock,
            .commit:
            return try await consensus(request)
        case .listSnapshots, .offerSnapshot, .loadSnapshotChunk, .applySnapshotChunk: return snapshots(request)
        case nil: throw ABCIFault("a request of no kind that ABCI \(Self.abciVersion) has")
        }
    }

    private func info(_ request: ABCI_RequestInfo) throws(ABCIFault) -> ABCI_Response {
        guard request.abciVersion.isEmpty || request.abciVersion.hasPrefix("2.") else {
            throw ABCIFault("CometBFT \(request.version) speaks ABCI \(request.abciVersion), and this speaks 2.0")
        }
        let info = application.committed.snapshot.info
        return .with {
            $0.info = .with {
                $0.data = "gonka"
                $0.version = terms.version
                $0.appVersion = terms.protocolVersion
                $0.lastBlockHeight = Int64(clamping: info.lastBlockHeight)
                // Before genesis there is no hash; the node compares none at height 0.
                if info.lastBlockHeight > 0 { $0.lastBlockAppHash = .init(info.lastBlockAppHash.bytes) }
            }
        }
    }

    /// Only the last height can be read: the ledger keeps no older state.
    private func query(_ request: ABCI_RequestQuery) -> ABCI_ResponseQuery {
        guard let path = String(validating: request.path, as: UTF8.self) else {
            return .with {
                ($0.code, $0.codespace) = (PathRefusal.code, PathRefusal.codespace)
                $0.log = "a query's path is a text"
            }
        }
        let snapshot = application.committed.snapshot
        let height = snapshot.info.lastBlockHeight
        guard request.height == 0 || UInt64(exactly: request.height) == height else {
            return .with {
                ($0.code, $0.codespace) = (HeightRefusal.code, HeightRefusal.codespace)
                $0.log = "height \(request.height) is not kept; the last one is \(height)"
                $0.height = Int64(clamping: height)
            }
        }
        return ABCI_ResponseQuery(
            snapshot.query(
                QueryRequest(path: path, data: Bytes(request.data), wantsProof: request.prove)))
    }

    private func checkTransaction(_ request: ABCI_RequestCheckTx) async throws(ABCIFault) -> ABCI_Response {
        let result = try await application.checkTransaction(
            Bytes(request.tx), isRecheck: request.type == .recheck)
        return .with { $0.checkTx = ABCI_ResponseCheckTx(result) }
    }

    private func consensus(_ request: ABCI_Request) async throws(ABCIFault) -> ABCI_Response {
        switch request.value {
        case .initChain(let request):
            let response = try await application.initChain(InitChainRequest(request))
            // CometBFT would go on with those of its own genesis file, whom the ledger could never remove.
            guard !response.validators.isEmpty else {
                throw ABCIFault("no host of this genesis has weight, so nobody could be a validator")
            }
            return .with {
                $0.initChain.validators = response.validators.map(ABCI_ValidatorUpdate.init)
                $0.initChain.appHash = .init(response.appHash.bytes)
            }
        case .prepareProposal(let request):
            let arranged = try await application.prepareProposal(
                request.txs.map { Bytes($0) }, bytesMax: Int(clamping: request.maxTxBytes))
            return .with { $0.prepareProposal.txs = arranged.map { .init($0) } }
        case .processProposal(let request): return try await processProposal(request)
        case .finalizeBlock(let request):
            let result = try await application.finalizeBlock(ABCIBlock(request))
            return .with { $0.finalizeBlock = ABCI_ResponseFinalizeBlock(result) }
        case .commit:
            try await application.commit()
            let height = application.committed.snapshot.info.lastBlockHeight
            return .with { $0.commit.retainHeight = Int64(clamping: terms.firstKept(at: height)) }
        // The network does not use vote extensions: they are never switched on, and whoever adds one is refused.
        case .extendVote: return .with { $0.extendVote = ABCI_ResponseExtendVote() }
        case .verifyVoteExtension(let request):
            return .with { $0.verifyVoteExtension.status = request.voteExtension.isEmpty ? .accept : .reject }
        default: throw ABCIFault("a request that consensus does not make")
        }
    }

    /// What no block can be is refused, and not answered with an exception: it came from another machine.
    private func processProposal(_ request: ABCI_RequestProcessProposal) async throws(ABCIFault) -> ABCI_Response {
        let block: ABCIBlock
        do throws(ABCIFault) { block = try ABCIBlock(request) } catch {
            return .with { $0.processProposal.status = .reject }
        }
        let isAccepted = try await application.processProposal(block)
        return .with { $0.processProposal.status = isAccepted ? .accept : .reject }
    }

    /// There are none to be had, and none is taken.
    private func snapshots(_ request: ABCI_Request) -> ABCI_Response {
        switch request.value {
        case .offerSnapshot: .with { $0.offerSnapshot.result = .abort }
        case .loadSnapshotChunk: .with { $0.loadSnapshotChunk = ABCI_ResponseLoadSnapshotChunk() }
        case .applySnapshotChunk: .with { $0.applySnapshotChunk.result = .abort }
        default: .with { $0.listSnapshots = ABCI_ResponseListSnapshots() }
        }
    }
}

/// What the server says of itself, and asks of the consensus node.
public struct ABCITerms: Sendable {
    /// This program's version, for people.
    public let version: String
    /// The version of the ledger's rules, which stands in every block's header.
    public let protocolVersion: UInt64
    /// How many blocks the consensus node is asked to keep; 0 for all.
    public let retainedBlocks: UInt64

    public init(version: String, protocolVersion: UInt64, retainedBlocks: UInt64 = 0) {
        self.version = version
        self.protocolVersion = protocolVersion
        self.retainedBlocks = retainedBlocks
    }

    /// The first block that is still needed after the one at `height`; 0 for all.
    func firstKept(at height: UInt64) -> UInt64 {
        retainedBlocks > 0 && height > retainedBlocks ? height - retainedBlocks + 1 : 0
    }
}

/// Why a query without a readable path has no answer: the SDK's code for an unknown request. Whoever reaches CometBFT's RPC can send it
/// any bytes, so they are no reason to stop.
enum PathRefusal {
    static let code: UInt32 = 6
    static let codespace = "sdk"
}

/// Why a query of an old height has no answer: the SDK's code for an invalid height.
enum HeightRefusal {
    static let code: UInt32 = 26
    static let codespace = "sdk"
}
