import Primitives
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", "", ""), ("f", "Zg==", "Zg"), ("fo", "Zm8=", "Zm8"), ("foo", "Zm9v", "Zm9v"),
        ("foob", "Zm9vYg==", "Zm9vYg"),
        ("fooba", "Zm9vYmE=", "Zm9vYmE"), ("foobar", "Zm9vYmFy", "Zm9vYmFy"),
    ])
    func vectors(text: String, standard: String, urlSafe: String) {
        #expect(Base64.encode(Bytes(text.utf8)) == standard)
        #expect(Base64.encode(Bytes(text.utf8), .urlSafe) == urlSafe)
        #expect(Base64.decode(standard) == Bytes(text.utf8))
        #expect(Base64.decode(urlSafe, .urlSafe) == Bytes(text.utf8))
    }

    @Test func theFormsDifferInTwoCharacters() {
        let bytes: Bytes = [0xfb, 0xff, 0xbf]
        #expect(Base64.encode(bytes) == "+/+/")
        #expect(Base64.encode(bytes, .urlSafe) == "-_-_")
        #expect(Base64.decode("-_-_") == nil)
        #expect(Base64.decode("+/+/", .urlSafe) == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v=", "Zm9v====", "Z g=", "Zg==\n", "Zm9v\n",
        "Zg=A", "Zm9vé",
        "Zm=v", "Z", "ZZZZZ",
    ])
    func otherSpellingsAreRefused(text: String) { #expect(Base64.decode(text) == nil) }

    @Test(arguments: ["Zg==", "Zm8=", "Z", "Zh", "Zm9vY", "Zm9", "Z+", "Zg\n"])
    func otherURLSafeSpellingsAreRefused(text: String) { #expect(Base64.decode(text, .urlSafe) == nil) }

    @Test func everyLengthComesBack() {
        for count in 0...100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 151 + count) }
            for form in [Base64.Form.standard, .urlSafe] {
                #expect(Base64.decode(Base64.encode(bytes, form), form) == bytes)
            }
        }
    }
}
