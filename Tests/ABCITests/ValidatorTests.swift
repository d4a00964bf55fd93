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

/// What CometBFT tells of validators, and is told.
@Suite struct ValidatorTests {
    private static func address(_ host: TestHost) -> Data {
        Data(SimulatedConsensus.address(host.consensusKey.publicKey.bytes))
    }

    @Test func genesisTellsWhoHasPower() async throws {
        let ledger = try TestLedger()
        let service = ABCIService(
            application: ABCIApplication(
                application: try LedgerApp(storage: MemoryStorage()), logger: RunningServer.silent),
            terms: RunningServer.terms)
        let answer = try await service.answer(.with { $0.initChain = Scene.genesis(ledger.genesis) }).initChain
        #expect(
            Set(answer.validators.map(\.pubKey.ed25519))
                == Set(ledger.hosts.map { Data($0.consensusKey.publicKey.bytes) }))
        #expect(answer.validators.map(\.power).reduce(0, +) == 1_000_000_000)
        #expect(answer.validators.allSatisfy { $0.power >= 333_333_333 })
    }

    @Test(
        arguments: [
            { $0.initialHeight = 2 }, { $0.consensusParams.block.maxBytes = -1 },
            { $0.consensusParams.block.maxBytes = 100 << 20 }, { $0.consensusParams.block.maxGas = 5 },
            { $0.appStateBytes = Data("{}".utf8) }, { $0.time.seconds = -1 }, { $0.chainID = "other" },
        ] as [@Sendable (inout ABCI_RequestInitChain) -> Void])
    func aGenesisOfAnotherKindIsRefused(change: @Sendable (inout ABCI_RequestInitChain) -> Void) async throws {
        let service = ABCIService(
            application: ABCIApplication(
                application: try LedgerApp(storage: MemoryStorage()), logger: RunningServer.silent),
            terms: RunningServer.terms)
        var genesis = Scene.genesis(TestLedgerPlan().request)
        change(&genesis)
        let spoiled = genesis
        await #expect(throws: ABCIFault.self) { try await service.answer(.with { $0.initChain = spoiled }) }
    }

    @Test func aGenesisWithoutWeightHasNoValidators() async throws {
        var plan = TestLedgerPlan()
        plan.weights = [0, 0, 0]
        let request = Scene.genesis(plan.request)
        let service = ABCIService(
            application: ABCIApplication(
                application: try LedgerApp(storage: MemoryStorage()), logger: RunningServer.silent),
            terms: RunningServer.terms)
        await #expect(throws: ABCIFault("no host of this genesis has weight, so nobody could be a validator")) {
            try await service.answer(.with { $0.initChain = request })
        }
    }

    /// Absent, signed, signed for no block, and unknown: the last three are there.
    @Test func onlyAnAbsentValidatorIsAbsent() throws {
        let flags: [ABCI_BlockIDFlag] = [.absent, .commit, .nil, .unknown]
        let commit = ABCI_CommitInfo.with {
            $0.votes = flags.enumerated().map { index, flag in
                .with {
                    $0.validator.address = Data(repeating: UInt8(index), count: 20)
                    $0.blockIDFlag = flag
                }
            }
        }
        let facts = [ABCI_MisbehaviorType.duplicateVote, .lightClientAttack, .unknown].map { kind in
            ABCI_Misbehavior.with {
                $0.type = kind
                $0.validator.address = Data([9])
                $0.height = 4
            }
        }
        let news = try ConsensusNews(commit, facts)
        #expect(news.votes.map(\.isPresent) == [false, true, true, true])
        #expect(news.votes.map(\.validator) == (0..<4).map { Bytes(repeating: $0, count: 20) })
        #expect(news.misbehavior.map(\.kind) == [.duplicateVote, .lightClientAttack, .unknown])
        #expect(news.misbehavior.allSatisfy { $0.validator == [9] && $0.height == 4 })
    }

    @Test func whoIsAbsentOrSignsTwiceLosesItsPower() async throws {
        let scene = try await Scene()
        let (absent, twice) = (scene.ledger.hosts[0], scene.ledger.hosts[1])
        var block = ABCI_RequestFinalizeBlock.with { $0.hash = .init(repeating: 1, count: 32) }
        block.decidedLastCommit.votes = scene.ledger.hosts.map { host in
            .with {
                $0.validator.address = Self.address(host)
                $0.blockIDFlag = host.address == absent.address ? .absent : .commit
            }
        }
        var updates: [ABCI_ValidatorUpdate] = []
        for height in 1...100 as ClosedRange<Int64> {
            block.height = height
            let request = block
            updates += try await scene.service.answer(.with { $0.finalizeBlock = request }).finalizeBlock
                .validatorUpdates.filter { $0.power == 0 }
            _ = try await scene.commit()
        }
        #expect(updates.map(\.pubKey.ed25519) == [Data(absent.consensusKey.publicKey.bytes)])
        block.height = 101
        block.misbehavior = [
            .with {
                $0.type = .duplicateVote
                $0.validator.address = Self.address(twice)
                $0.height = 99
            }
        ]
        let request = block
        let answer = try await scene.service.answer(.with { $0.finalizeBlock = request }).finalizeBlock
        #expect(answer.validatorUpdates.map(\.pubKey.ed25519) == [Data(twice.consensusKey.publicKey.bytes)])
        #expect(answer.validatorUpdates.map(\.power) == [0])
        #expect(answer.events.map(\.type).contains("host_convicted"))
    }
}
