import Cryptography
import Foundation
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import ABCIServer

/// One node after `InitChain`, and what can be sent to its ledger.
struct Scene {
    let service: ABCIService
    let ledger: TestLedger

    init(_ application: sending any ConsensusApplication) async throws {
        ledger = try TestLedger()
        ledger.duties?.feedsBeacon = true
        service = ABCIService(
            application: ABCIApplication(application: application, logger: RunningServer.silent),
            terms: ABCITerms(version: "test", protocolVersion: 1, retainedBlocks: 2))
        _ = try await service.answer(.with { $0.initChain = Scene.genesis(ledger.genesis) })
    }

    /// Executes what the test's ledger executes, up to the first block of validators' secrets: each is a duty.
    func advanceToDuties() async throws {
        while !ledger.parameters.beaconSchedule.isLast(ledger.height + 1) {
            try ledger.block()
            let block = try #require(ledger.blocks.last)
            _ = try await finalize(
                .with {
                    $0.txs = block.transactions.map { .init($0) }
                    $0.hash = .init(block.hash.bytes)
                    $0.height = Int64(block.height)
                })
            _ = try await commit()
        }
    }

    init() async throws { try await self.init(try LedgerApp(storage: MemoryStorage())) }

    /// A valid proposal of the next block: the duties that are due, and three transfers.
    func proposal() throws -> ABCI_RequestProcessProposal {
        let duties = try (ledger.duties?.due(in: ledger) ?? []).map {
            try ledger.sign([$0.message], by: $0.host.operatorAccount, fee: .zero)
        }
        let transfers = try (0..<3).map { _ in
            try ledger.sign(
                [MsgSend(from: ledger.accounts[0].address, to: ledger.accounts[1].address, amount: Amount(5))],
                by: ledger.accounts[0])
        }
        ledger.forgetSigned()
        #expect(duties.isEmpty == !ledger.parameters.beaconSchedule.isLast(ledger.height + 1))
        return .with {
            $0.txs = (duties + transfers).map { .init($0) }
            $0.hash = .init(repeating: 7, count: 32)
            $0.height = Int64(ledger.height) + 1
            $0.time.seconds = 1_700_000_001
            $0.proposedLastCommit = ABCI_CommitInfo()
        }
    }

    func verdict(
        on proposal: ABCI_RequestProcessProposal
    ) async throws -> ABCI_ResponseProcessProposal.ProposalStatus {
        try await service.answer(.with { $0.processProposal = proposal }).processProposal.status
    }

    func finalize(_ proposal: ABCI_RequestProcessProposal) async throws -> ABCI_ResponseFinalizeBlock {
        try await service.answer(
            .with {
                $0.finalizeBlock.txs = proposal.txs
                $0.finalizeBlock.hash = proposal.hash
                $0.finalizeBlock.height = proposal.height
                $0.finalizeBlock.time = proposal.time
                $0.finalizeBlock.decidedLastCommit = proposal.proposedLastCommit
            }
        ).finalizeBlock
    }

    func commit() async throws -> Int64 {
        try await service.answer(.with { $0.commit = ABCI_RequestCommit() }).commit.retainHeight
    }

    var height: Int64 {
        get async throws { try await service.answer(.with { $0.info = ABCI_RequestInfo() }).info.lastBlockHeight }
    }

    /// As CometBFT hands it over.
    static func genesis(_ genesis: InitChainRequest) -> ABCI_RequestInitChain {
        .with {
            $0.chainID = genesis.chainID
            $0.initialHeight = 1
            $0.consensusParams.block = .with { ($0.maxBytes, $0.maxGas) = (5 << 20, -1) }
            $0.time.seconds = Int64(genesis.genesisTimeMilliseconds / 1_000)
            $0.appStateBytes = .init(Bytes("\"\(Base64.encode(genesis.applicationState))\"".utf8))
        }
    }
}
