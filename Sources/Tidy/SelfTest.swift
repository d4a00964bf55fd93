/// The checks checked: each case is a small tree and the findings it must give, by place and a word of the message.
enum SelfTest {
    struct Case {
        let name: String
        let check: (SourceTree) -> [Finding]
        let files: [String: String]
        /// Each as `path:line word of the message`.
        let expected: [String]
    }

    /// Runs all cases; the exit status.
    static func run() -> Int32 {
        var failures = 0
        for test in cases {
            let found = test.check(SourceTree(test.files)).sorted()
            let isMatch = found.count == test.expected.count && test.expected.allSatisfy { found.contains($0) }
            if isMatch { continue }
            failures += 1
            print("self-test: \(test.name): expected \(test.expected), found \(found.map(\.description))")
        }
        print("tidy: \(cases.count - failures) of \(cases.count) self-tests passed")
        return failures == 0 ? 0 : 1
    }

    private static var cases: [Case] { layerCases + tokenCases + sizeCases + textCases + testCases }
}

extension [Finding] {
    /// True where a finding has the place and the words of `expected`, written `path:line words`.
    fileprivate func contains(_ expected: String) -> Bool {
        let parts = expected.split(separator: " ", maxSplits: 1)
        return contains { "\($0.path):\($0.line)" == parts[0] && $0.message.contains(parts[1]) }
    }
}
