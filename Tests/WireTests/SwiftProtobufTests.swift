import Primitives
import SwiftProtobuf
import Testing
import WireFormat

@Suite("Cross-check with SwiftProtobuf")
struct SwiftProtobufTests {
    private static let valuesPerType: UInt64 = 60
    private static let mutationsPerValue = 10
    private static let formSamples: UInt64 = 8

    @Test("Both write the same bytes for a value and read the same value from them", arguments: CheckedType.all)
    func agreesOnValues(_ checked: CheckedType) throws {
        func check<Message: CrossChecked>(_ type: Message.Type) throws {
            for seed in 0..<SwiftProtobufTests.valuesPerType {
                var values = RandomValues(seed: seed, isFull: seed < 5)
                let message = Message.random(&values)
                let bytes = message.encoded()
                let theirs = try Message.Generated(serializedBytes: bytes)
                #expect(theirs == message.generated, "seed \(seed)")
                #expect(try written(theirs) == bytes, "seed \(seed)")
                #expect(try written(message.generated) == bytes, "seed \(seed)")
                #expect(try Message.decode(bytes).generated == theirs, "seed \(seed)")
            }
        }
        try check(checked.type)
    }

    @Test("What is accepted here is what SwiftProtobuf would have written", arguments: CheckedType.all)
    func acceptsOnlyWhatSwiftProtobufWrites(_ checked: CheckedType) throws {
        func check<Message: CrossChecked>(_ type: Message.Type) throws {
            var accepted = 0
            for (seed, bytes) in mutations(of: type) {
                guard let message = try? Message.decode(bytes) else { continue }
                accepted += 1
                let theirs = try Message.Generated(serializedBytes: bytes)
                #expect(theirs == message.generated, "seed \(seed)")
                #expect(try written(theirs) == bytes, "seed \(seed)")
            }
            #expect(accepted > 0)
        }
        try check(checked.type)
    }

    /// Whatever SwiftProtobuf reads, it writes canonically: refusals are of values alone.
    @Test("What SwiftProtobuf writes is accepted here, unless a value is out of range", arguments: CheckedType.all)
    func acceptsWhatSwiftProtobufWrites(_ checked: CheckedType) throws {
        func check<Message: CrossChecked>(_ type: Message.Type) throws {
            var (accepted, spelledOtherwise) = (0, 0)
            for (seed, bytes) in mutations(of: type) {
                guard let theirs = try? Message.Generated(serializedBytes: bytes, options: knownFieldsOnly) else {
                    continue
                }
                let rewritten = try written(theirs)
                if rewritten != bytes { spelledOtherwise += 1 }
                do throws(WireError) {
                    let message = try Message.decode(rewritten)
                    accepted += 1
                    #expect(message.generated == theirs, "seed \(seed)")
                    #expect(message.encoded() == rewritten, "seed \(seed)")
                } catch {
                    #expect(isAboutValue(error), "\(error), seed \(seed)")
                }
            }
            #expect(accepted > 0 && spelledOtherwise > 0)
        }
        try check(checked.type)
    }

    @Test("What protobuf allows and ADR-027 forbids is refused by name", arguments: CheckedType.all)
    func refusesForbiddenForms(_ checked: CheckedType) throws {
        func check<Message: CrossChecked>(_ type: Message.Type) throws {
            for seed in 0..<SwiftProtobufTests.formSamples {
                var values = RandomValues(seed: seed, isFull: true)
                let forms = try ForbiddenForm.all(of: Message.random(&values))
                #expect(forms.count > 5)
                for form in forms {
                    let theirs = try Message.Generated(serializedBytes: form.bytes, options: knownFieldsOnly)
                    #expect(try written(theirs) != form.bytes, "\(form.name) is canonical, seed \(seed)")
                    #expect(throws: form.error, "\(form.name), seed \(seed)") { try Message.decode(form.bytes) }
                }
            }
        }
        try check(checked.type)
    }

    private func mutations<Message: CrossChecked>(of type: Message.Type) -> [(seed: UInt64, bytes: Bytes)] {
        (0..<SwiftProtobufTests.valuesPerType).flatMap { seed in
            var values = RandomValues(seed: seed, isFull: seed % 2 == 0)
            let original = Message.random(&values).encoded()
            return (0..<SwiftProtobufTests.mutationsPerValue).map { _ in
                (seed, WireMutation.apply(to: original, &values))
            }
        }
    }

    private var knownFieldsOnly: BinaryDecodingOptions {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        return options
    }

    private func written(_ message: some SwiftProtobuf.Message) throws -> Bytes { try message.serializedBytes() }

    private func isAboutValue(_ error: WireError) -> Bool {
        switch error {
        case .invalidValue, .missingField: true
        case .truncated, .nonMinimalVarint, .fieldOutOfOrder, .unknownField, .wrongWireType, .defaultValueWritten: false
        }
    }
}
