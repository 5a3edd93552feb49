import Testing

@testable import DripReturns

@Suite struct RefusalRuleTests {
    @Test(arguments: [
        // The code alone.
        ("5.1.1", "", true), ("5.1.2", "", true), ("5.1.6", "", true), ("5.1.10", "", true), ("5.2.1", "", true),
        ("5.1.7", "", false), ("5.1.8", "", false), ("5.2.2", "", false), ("5.2.3", "", false), ("5.3.4", "", false),
        ("5.4.7", "", false), ("5.5.2", "", false), ("5.6.1", "", false), ("5.7.1", "", false), ("5.0.0", "", true),
        ("4.2.2", "", false), ("4.1.1", "user unknown", false), ("4.4.7", "", false),
        // The words refine a code that says little, and no other.
        ("5.0.0", "mailbox is full", false), ("5.1.1", "550 5.1.1 mailbox is full", false),
        ("5.1.1", "550 5.1.1 unknown user", true), ("5.0.0", "550 blocked using spamhaus", false),
        ("5.0.0", "550 User unknown", true), ("5.7.1", "550 5.7.1 no such user", true),
        ("5.7.1", "550 5.7.1 relaying denied", false), ("5.4.4", "Host not found, try again", false),
        ("5.4.4", "domain does not exist", true), ("5.2.2", "user unknown", false),
        ("5.1.0", "sender address rejected: domain not found", false), ("5.3.0", "553 5.3.0 Addressee unknown", true),
        // The refusing server's code says more than the relay's.
        ("5.0.0", "smtp; 550-5.7.1 [192.0.2.1 12] likely unsolicited mail", false), ("5.0.0", "451 4.2.0 later", false),
        ("5.0.0", "450 not now", false), ("5.1.1", "smtp; 550 5.2.2 over quota", false),
    ])
    func codesComeFirst(code: String, text: String, isHard: Bool) {
        #expect(RefusalRule(status: EnhancedStatus(field: code), text: text, whenUnsaid: false).isHard == isHard)
    }

    @Test(arguments: [
        ("said: 550 No such user", true), ("550 whatever", true), ("551 gone away", true), ("553 bad name", true),
        ("556 no", true), ("554 no", false), ("552 too much", false),
        ("554 delivery error: This user doesn't have a x account", true),
        ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", false), ("450 no such user", false),
        ("550 Message rejected as spam", false), ("user unknown", true), ("mailbox full", false),
        ("it timed out", false),
    ])
    func withoutACodeTheReplyAndTheWordsTell(text: String, isHard: Bool) {
        #expect(RefusalRule(status: nil, text: text, whenUnsaid: false).isHard == isHard)
    }

    @Test func whatNobodySaidIsTheCallers() {
        #expect(RefusalRule(status: nil, text: "oh dear", whenUnsaid: true).isHard)
        #expect(!RefusalRule(status: nil, text: "oh dear", whenUnsaid: false).isHard)
        #expect(!RefusalRule(status: nil, text: "oh dear", whenUnsaid: true).knowsWhy)
    }
}
