import Testing

@testable import DripReturns

@Suite struct EnhancedStatusTests {
    @Test(arguments: [
        ("550 5.1.1 <x@y>", "5.1.1"), ("550-5.7.1 no", "5.7.1"), ("(#5.1.1)", "5.1.1"), ("#4.4.1", "4.4.1"),
        ("status 5.1.10.", "5.1.10"), ("first 4.2.2 then 5.1.1", "4.2.2"), ("550 5.1.1", "5.1.1"),
    ])
    func isFoundInWords(text: String, code: String) {
        #expect(EnhancedStatus.first(in: text)?.description == code)
    }

    @Test(arguments: [
        "", "5", "5.1", "5.1.", "192.0.5.1.2", "15.1.1", "5.1.1.1", "version 5.1.1", "v5.1.1", "Release 5.0.8",
        "5.1.1a",
        "2.0.0", "6.1.1", "5.8.1", "5.1.1234", "1-5.1.1", "5..1", "x5.1.1", "Postfix 5.1.1",
    ])
    func isNotFoundInOtherNumbers(text: String) {
        #expect(EnhancedStatus.first(in: text) == nil)
    }

    @Test func fieldsBeginWithIt() {
        #expect(EnhancedStatus(field: " 5.1.1 (bad mailbox)") == EnhancedStatus(.permanent, 1, 1))
        #expect(EnhancedStatus(field: "2.0.0")?.kind == .success)
        for field in ["", "553 Exceeded", "bad 5.1.1", "5.1", "9.1.1"] { #expect(EnhancedStatus(field: field) == nil) }
    }

    @Test(arguments: [
        ("550 no", 550), ("said: 550-no", 550), ("[SMTP Error Code 550]", 550), ("error 554: x", 554), ("450", 450),
        ("552 5.2.2 full", 552), ("421\n", 421),
    ])
    func replyCodesAreFound(text: String, code: Int) {
        #expect(ReplyCode.first(in: text) == code)
    }

    @Test(arguments: [
        "", "55", "(480) 624-2500", "for 450 hours", "550 attempts", "1550 x", "5501", "499 x", "192.168.550.1",
        "$550 x",
        "550-624-2500", "id 550x", "560 x",
    ])
    func otherNumbersAreNone(text: String) {
        #expect(ReplyCode.first(in: text) == nil)
    }
}
