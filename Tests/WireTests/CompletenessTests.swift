import Foundation
import Primitives
import ProtocolRules
import SwiftProtobuf
import Testing
import WireFormat

@Suite("Cross-checks leave nothing out")
struct CompletenessTests {
    /// Folders whose messages are all on the wire.
    private static let wireFolders = ["Sources/Protocol", "Sources/State/StateStore"]
    /// What comes with protobuf itself.
    private static let foreign = "google.protobuf."

    private let files: ProtoFiles

    init() throws { files = try ProtoFiles(folder: Repository.folder("proto")) }

    @Test("Every message of the protocol's sources is cross-checked")
    func coversSources() throws {
        let declared = try Self.wireFolders.flatMap { try DeclaredMessages.names(in: Repository.folder($0)) }
        let checked = CheckedType.all.map { $0.name.prefix { $0 != "<" } }.map(String.init)
        #expect(Set(declared).subtracting(checked) == [])
        #expect(Set(checked).subtracting(declared) == [])
    }

    @Test("Every message of the proto files is cross-checked")
    func coversProtoFiles() {
        let checked = Set(CheckedType.all.map(\.generatedName).filter { !$0.hasPrefix(Self.foreign) })
        #expect(checked == Set(files.messages.keys))
        #expect(CheckedType.all.count == Set(CheckedType.all.map(\.generatedName)).count)
    }

    /// So neither can the generated code be older than the files, nor a field be in the files alone.
    @Test("The proto files declare the fields that the generated code has", arguments: CheckedType.all)
    func declaresFields(_ checked: CheckedType) throws {
        func check<Message: CrossChecked>(_ type: Message.Type) throws {
            var seen: Set<DeclaredField> = []
            for seed in 0..<UInt64(8) {
                var values = RandomValues(seed: seed, isFull: true)
                seen.formUnion(try FieldRecorder.fields(of: Message.random(&values).generated))
            }
            let name = Message.Generated.protoMessageName
            if name.hasPrefix(Self.foreign) { return #expect(files.messages[name] == nil) }
            #expect(seen.sorted { $0.number < $1.number } == files.messages[name])
        }
        try check(checked.type)
    }

    @Test("The parameters' fields are named like the parameters")
    func namesParameters() {
        let names = files.names["gonka.v1.ProtocolParameters"] ?? [:]
        let expected = ProtocolParameter.all.map { ($0.field, $0.name.replacing(".", with: "_")) }
        #expect(names == Dictionary(uniqueKeysWithValues: expected))
    }

    @Test("SwiftProtobuf reads and writes the golden bytes of every message", arguments: GoldenMessage.names)
    func readsGoldenBytes(name: String) throws {
        let golden = try GoldenMessage(name)
        let checked = try #require(CheckedType.all.first { golden.isOf($0) }, "no cross-checked type is named \(name)")
        func check<Message: CrossChecked>(_ type: Message.Type) throws {
            let theirs = try Message.Generated(serializedBytes: golden.bytes)
            let written: Bytes = try theirs.serializedBytes()
            #expect(theirs.unknownFields.data.isEmpty)
            #expect(written == golden.bytes)
            #expect(try Message.decode(golden.bytes).generated == theirs)
        }
        try check(checked.type)
    }
}
