extension SelfTest {
    private static let manifest = """
        layer("Base", in: "Base"),
        layer("Ledger", in: "Ledger", ["Base"]),
        layer("Net", in: "Net", ["Base", external("NIOCore", "swift-nio")]),
        tests("BaseTests", ["Base"]),

        """
    private static let table = """
        | target | kind | may import | from outside |
        |---|---|---|---|
        | `Base` | plain | – | – |
        | `Ledger` | plain | `Base` | – |
        | `Net` | shell | `Base` | `NIOCore` |

        """
    private static let cleanTree = [
        "Package.swift": manifest, "ARCHITECTURE.md": table, "Sources/Ledger/A.swift": "import Base\n",
        "Sources/Net/A.swift": "import Base\nimport NIOCore\n",
        "Tests/BaseTests/A.swift": "import Base\nimport Testing\n",
    ]

    private static func tree(_ changes: [String: String]) -> [String: String] {
        cleanTree.merging(changes) { _, new in new }
    }

    static var layerCases: [Case] {
        [
            Case(name: "a clean tree", check: LayerCheck.findings, files: cleanTree, expected: []),
            Case(
                name: "an undeclared sibling and a shell module", check: LayerCheck.findings,
                files: tree(["Sources/Base/A.swift": "// import Net\nimport Foundation\nimport struct Net.A\n"]),
                expected: [
                    "Sources/Base/A.swift:2 may not import Foundation", "Sources/Base/A.swift:3 may not import Net",
                ]),
            Case(
                name: "an arrow the table does not allow, and one never used", check: LayerCheck.findings,
                files: tree([
                    "ARCHITECTURE.md": table.replacing("| plain | `Base` |", with: "| plain | – |"),
                    "Sources/Ledger/A.swift": "let a = 1\n",
                ]),
                expected: ["Package.swift:2 never imports Base", "Package.swift:2 does not allow"]),
            Case(
                name: "a plain target over a shell, a shell over the ledger", check: LayerCheck.findings,
                files: tree([
                    "Package.swift": manifest.replacing("in: \"Base\")", with: "in: \"Base\", [\"Ledger\"])"),
                    "ARCHITECTURE.md": table.replacing("`Base` | plain | – |", with: "`Base` | shell | `Ledger` |"),
                    "Sources/Base/A.swift": "import Ledger\n",
                ]),
                expected: [
                    "ARCHITECTURE.md:3 reaches Ledger", "ARCHITECTURE.md:4 is plain and may not import Base",
                    "ARCHITECTURE.md:5 reaches Ledger",
                ]),
            Case(
                name: "a target without a row, a row without a target", check: LayerCheck.findings,
                files: tree(["ARCHITECTURE.md": table.replacing("`Net`", with: "`Gone`")]),
                expected: [
                    "ARCHITECTURE.md:5 no target Gone", "Package.swift:3 | `Net` | shell | `Base` | `NIOCore` |",
                ]),
        ]
    }

    static var tokenCases: [Case] {
        let ledger = """
            // try! in a comment, Double too
            let text = "try! Double \\(value as! Int) as!"
            func a() throws { x = y!; try? b(); if a != b, !c { } }
            let half: Double = 0.5; fatalError()
            func wait() async { }
            /// - Precondition: positive, as genesis ensures.
            func positive(_ n: Int) { precondition(n > 0) }

            """
        let walks = """
            var a: [Int: [Int]] = [:], b = Set<Int>(), c: [Int] = []
            for (key, _) in a { use(key) }
            let d = b.map { $0 }; let e = c.map { $0 }
            let f = a.keys.sorted(); let g = a[1]; let h = b.contains(2)
            // Order does not matter: a sum.
            for n in b { sum += n }

            """
        return [
            Case(
                name: "banned tokens, not in comments and literals", check: TokenCheck.findings,
                files: tree(["Sources/Ledger/A.swift": ledger]),
                expected: [
                    "Sources/Ledger/A.swift:2 `as!`", "Sources/Ledger/A.swift:3 `try?`",
                    "Sources/Ledger/A.swift:3 force unwrap", "Sources/Ledger/A.swift:4 `Double`",
                    "Sources/Ledger/A.swift:4 `fatalError`", "Sources/Ledger/A.swift:5 never suspend",
                ]),
            Case(
                name: "printing, unfinished work, unchecked builds", check: TokenCheck.findings,
                files: ["Sources/Net/A.swift": "print(1)\n// TODO: later\n", "Makefile": "a:\n\tswiftc -Ounchecked\n"],
                expected: [
                    "Makefile:2 -O", "Sources/Net/A.swift:1 only a program prints", "Sources/Net/A.swift:2 issue",
                ]),
            Case(
                name: "walks over what has no order", check: OrderCheck.findings,
                files: tree(["Sources/Ledger/A.swift": walks]),
                expected: ["Sources/Ledger/A.swift:2 in every process", "Sources/Ledger/A.swift:3 in every process"]),
            Case(
                name: "names that say nothing", check: NameCheck.findings,
                files: ["Sources/Net/StringUtils.swift": "enum Session { struct KeyManager {} }\n"],
                expected: [
                    "Sources/Net/StringUtils.swift:0 says nothing", "Sources/Net/StringUtils.swift:1 KeyManager",
                ]),
        ]
    }

    static var sizeCases: [Case] {
        let body = String(repeating: "    work()\n", count: 50)
        let long = "protocol P {\n    func a()\n}\nfunc b(_ c: () -> Int = { 1 }) {\n\(body)}\n"
        let promise = "final class A: @unchecked Sendable {}\n"
        return [
            Case(
                name: "a long function", check: SizeCheck.findings, files: ["Sources/A.swift": long],
                expected: ["Sources/A.swift:4 b has 52 lines"]),
            Case(
                name: "a long function within its ratchet", check: SizeCheck.findings,
                files: ["Sources/A.swift": long, Ratchet.path: "function Sources/A.swift b 52\n"], expected: []),
            Case(
                name: "a ratchet that can be tightened", check: SizeCheck.findings,
                files: [
                    "Sources/A.swift": long, Ratchet.path: "function Sources/A.swift b 60\nfile Sources/B.swift 500\n",
                ],
                expected: ["\(Ratchet.path):1 smaller than 60", "\(Ratchet.path):2 smaller than 500"]),
            Case(
                name: "a long file", check: SizeCheck.findings,
                files: ["Tests/A.swift": String(repeating: "\n", count: 401)], expected: ["Tests/A.swift:0 401 lines"]),
            Case(
                name: "a promise without a reason", check: SizeCheck.findings,
                files: ["Sources/A.swift": promise, Ratchet.path: "unchecked Sources/A.swift 1\n"],
                expected: ["Sources/A.swift:1 the reason"]),
            Case(
                name: "a promise with a reason, not in the ratchet", check: SizeCheck.findings,
                files: ["Sources/A.swift": "// One thread owns it.\n" + promise],
                expected: ["Sources/A.swift:2 promise"]),
            Case(
                name: "generated code, and code that only lies beside it", check: SizeCheck.findings,
                files: [
                    "Tests/A/Generated/a.pb.swift": "// DO NOT EDIT.\n" + promise + long,
                    "Tests/A/Generated/B.swift": long,
                ],
                expected: ["Tests/A/Generated/B.swift:4 b has 52 lines"]),
        ]
    }

    static var textCases: [Case] {
        let readme = """
            See [there](docs/there.md#a-heading), [gone](docs/gone.md), [lost](docs/there.md#lost).
            `Sources/A.swift` `B.swift` `Thing` `Thing.work` `Thing.rest` `Nothing` `work()` `play()` `GONKA_HOME` `Sources/` `Other/`
            ```
            `Ignored` here
            ```

            """
        return [
            Case(
                name: "documents that name what is not there", check: DocumentCheck.findings,
                files: [
                    "README.md": readme, "docs/there.md": "# A heading\n",
                    "Sources/A.swift": "struct Thing { func work() {} }\n",
                ],
                expected: [
                    "README.md:1 no heading #lost", "README.md:1 docs/gone.md leads nowhere",
                    "README.md:2 named Nothing", "README.md:2 named play", "README.md:2 named rest",
                    "README.md:2 no file B.swift", "README.md:2 no folder Other/",
                ]),
            Case(
                name: "what no file should carry", check: HygieneCheck.findings,
                files: [
                    "a.txt": "/home/me/x\nhttp://a/home/x\nend \n",
                    "b.swift": "\tlet a = 1",
                    "c.json": String(repeating: "x", count: 1 << 20) + "\n",
                ],
                expected: [
                    "a.txt:1 one machine only", "a.txt:3 at the end", "b.swift:1 end the file", "b.swift:1 not tabs",
                    "c.json:0 over 1 MiB",
                ]),
        ]
    }

    static var testCases: [Case] {
        let tests = ##"""
            @Test("a thing", arguments: [1]) func good(n: Int) { #expect(n == 1) }
            @Test func viaAnother() throws {
                let raw = #"{"a":1}"#
                try checkAll(1)
            }
            func checkAll(_ n: Int) throws { try #require(n == 1) }
            @Test func empty() { _ = work() }
            func work() {}
            @Test func napping() async throws { try await Task.sleep(for: .seconds(1)); #expect(true) }

            """##
        return [
            Case(
                name: "tests that expect nothing", check: ExpectationCheck.findings, files: ["Tests/A/A.swift": tests],
                expected: ["Tests/A/A.swift:7 empty expects nothing"]),
            Case(
                name: "tests that sleep", check: TokenCheck.findings, files: ["Tests/A/A.swift": tests],
                expected: ["Tests/A/A.swift:9 do not sleep"]),
        ]
    }
}
