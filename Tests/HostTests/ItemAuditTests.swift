import Cryptography
import EngineAPI
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

@Suite("Holding an item against its claim")
struct ItemAuditTests {
    @Test("An honest item, served or synthetic, leads to what is to be scored")
    func honest() async throws {
        for serving in [true, false] {
            let scene = try await ItemAuditScene(serving: serving)
            let request = try await scene.check().get()
            #expect(request.output == scene.honest.outputTokens)
            #expect(TokenDigest.digest(of: request.prompt) == scene.honest.item.promptDigest)
            let score = ItemScore(
                item: scene.honest.item, isUnproven: false, score: try await scene.scene.engine.score(request))
            let reference = SampleReference(
                entry: ClaimEntryReference(round: 1, claimant: scene.scene.identity.address, model: "test-model"),
                number: 0)
            let result = try #require(score.result(of: reference))
            #expect((result.outcome, result.marginMicroNats) == (.scored, 0))
            #expect(result.fingerprint == scene.honest.fingerprint, "the same model on an idle engine")
            #expect(result.freshFingerprint.isEmpty)
            let panel = try #require(score.result(of: reference, panelSeed: .sha256(utf8: "panel")))
            #expect(panel.freshFingerprint.count == panel.fingerprint.count)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let difference: AuditDifference
        var serving = true
        var claims: @Sendable (inout WorkItem) -> Void = { _ in }
        var handsOut: @Sendable (inout AuditPayload) -> Void = { _ in }
        var number: UInt64 = 1

        init(_ name: String, _ difference: AuditDifference, _ change: (inout Case) -> Void) {
            (testDescription, self.difference) = (name, difference)
            change(&self)
        }
    }

    static let handedOut: [Case] = [
        Case("another item than the claimed one", .proof) { $0.handsOut = { $0.item.cachedTokens = 1 } },
        Case("a proof of another place", .proof) {
            $0.handsOut = { $0.proof = SumTreeProof(index: 1, path: $0.proof.path) }
        },
        Case("a proof with a sibling too many", .proof) {
            $0.handsOut = {
                let node = SumTreeNode(hash: .zero, sums: .zero)
                $0.proof = SumTreeProof(index: 0, path: [node])
            }
        },
        Case("another request", .request) { $0.handsOut = { $0.body.append(0x20) } },
        Case("no request", .request) { $0.handsOut = { $0.body = [] } },
        Case("other output tokens", .output) { $0.handsOut = { $0.outputTokens[0] ^= 1 } },
        Case("an output token less", .output) { $0.handsOut = { $0.outputTokens.removeLast() } },
        Case("a token that no vocabulary has", .output) { $0.handsOut = { $0.outputTokens[0] = 1 << 40 } },
        Case("no voucher", .voucher) { $0.handsOut = { $0.voucher = nil } },
        Case("a voucher that the session's key did not sign", .voucher) {
            $0.handsOut = { $0.voucher?.signature[5] ^= 1 }
        },
        Case("a voucher for more", .voucher) {
            $0.handsOut = { payload in
                guard var voucher = payload.voucher?.statement else { return }
                voucher.amount = Amount(voucher.amount.ngonka + 1)
                payload.voucher = Signed(voucher, by: TestAccount("0").key)
            }
        },
    ]

    static let claimed: [Case] = [
        Case("an item of another number", .place) { $0.number = 2 },
        Case("an item of a sprint in a serving round", .place) { $0.claims = { $0.kind = .sprint } },
        Case("an item of another model", .place) { $0.claims = { $0.model = "other-model" } },
        Case("another prompt", .prompt) { $0.claims = { $0.promptDigest = .sha256(utf8: "x") } },
        Case("a prompt of another length", .prompt) { $0.claims = { $0.promptTokens += 1 } },
        Case("another temperature", .sampling) {
            $0.claims = { $0.sampling = (try? SamplingParameters(temperature: 5)) ?? $0.sampling }
        },
        Case("another seed", .sampling) { $0.claims = { $0.seed = .sha256(utf8: "x") } },
        Case("an end for another reason", .ending) { $0.claims = { $0.finishReason = .cancelled } },
        Case("a fee that is too high", .charge) {
            $0.claims = { item in
                let fee = item.fee
                item.serving?.fee = Amount(fee.ngonka + 1)
            }
        },
        Case("a fee that is too low", .charge) { $0.claims = { $0.serving?.fee = Amount(1) } },
    ]

    static let synthetic: [Case] = [
        Case("the prompt of another index", .prompt) {
            ($0.serving, $0.claims) = (false, { $0.promptDigest = .sha256(utf8: "x") })
        },
        Case("another seed", .sampling) { ($0.serving, $0.claims) = (false, { $0.seed = .sha256(utf8: "x") }) },
        Case("a cut item", .ending) { ($0.serving, $0.claims) = (false, { $0.finishReason = .stop }) },
        Case("cached tokens", .charge) { ($0.serving, $0.claims) = (false, { $0.cachedTokens = 1 }) },
        Case("a request that nobody made", .request) { ($0.serving, $0.handsOut) = (false, { $0.body = [1] }) },
    ]

    @Test("Each lie is the difference that it is", arguments: handedOut + claimed + synthetic)
    func lie(_ one: Case) async throws {
        let scene = try await ItemAuditScene(serving: one.serving)
        let outcome = try await scene.check(claims: one.claims, number: one.number, handsOut: one.handsOut)
        #expect(Self.difference(outcome) == one.difference)
    }

    @Test("An answer that goes on behind its end token, or ends before its limit, has the wrong ending")
    func ending() async throws {
        let body =
            #"{"model":"test-model","messages":[{"role":"user","content":"Say hello"}],"max_tokens":20}"#
        let scene = try await ItemAuditScene(body)
        for (tokens, reason) in [(scene.honest.outputTokens.dropLast(), FinishReason.length)] {
            let output = Array(tokens)
            let outcome = try await scene.check(
                claims: { item in
                    item.outputTokens = UInt64(output.count)
                    item.outputDigest = TokenDigest.digest(of: output)
                    item.finishReason = reason
                }, handsOut: { $0.outputTokens = output.map(UInt64.init) })
            #expect(Self.difference(outcome) == .ending)
        }
    }

    @Test("What this host cannot do is its own fault: no engine for the model, a context that is too short")
    func ownFault() async throws {
        let scene = try await ItemAuditScene()
        let other = try await scene.check(engine: ScriptedEngine(model: "other-model"))
        #expect(Self.isOwnFault(other))
        let short = try await scene.check(engine: ScriptedEngine(model: "test-model", contextTokens: 8))
        #expect(Self.isOwnFault(short))
    }

    private static func difference(_ outcome: Result<ScoreRequest, ItemAudit.Failure>) -> AuditDifference? {
        if case .failure(.differs(let difference)) = outcome { difference } else { nil }
    }

    private static func isOwnFault(_ outcome: Result<ScoreRequest, ItemAudit.Failure>) -> Bool {
        if case .failure(.cannotCheck) = outcome { true } else { false }
    }
}
