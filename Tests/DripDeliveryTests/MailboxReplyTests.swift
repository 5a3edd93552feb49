import Testing

@testable import DripDelivery

@Suite struct MailboxReplyTests {
    @Test(arguments: [
        ("1 whqtswO00WBw418f9t5JxYwZ", 1, "whqtswO00WBw418f9t5JxYwZ"),
        ("2 QhdPYR:00WBw1Ph7x7", 2, "QhdPYR:00WBw1Ph7x7"),
        ("999999999 a", 999_999_999, "a"), ("7  a", 7, "a"),
    ])
    func listingsNameNumberAndID(line: String, number: Int, id: String) {
        let listing = POP3Reply.listing(Array(line.utf8))
        #expect(listing?.number == number && listing?.id == id)
    }

    @Test(arguments: [
        "", "1", "0 a", "-1 a", "x a", "1 a b", "1 \u{7F}", "1 é", "9999999999 a",
        "1 " + String(repeating: "a", count: 256),
    ])
    func otherListingsAreRefused(line: String) {
        #expect(POP3Reply.listing(Array(line.utf8)) == nil)
    }

    @Test func dotsAreUnstuffed() {
        #expect(POP3Reply.unstuffed(Array(".".utf8)) == nil)
        for (line, plain) in ["": "", "a.": "a.", "..": ".", ".a": "a", "...": ".."] {
            #expect(POP3Reply.unstuffed(Array(line.utf8)).map(Array.init) == Array(plain.utf8))
        }
        #expect(POP3Reply.refusal(Array("+OK 3".utf8)) == nil)
        #expect(POP3Reply.refusal(Array("-ERR no\u{1B}such".utf8)) == "-ERR no such")
        #expect(POP3Reply.refusal([]) == "")
    }

    @Test(arguments: [
        ("d1 OK done", IMAPReply.done(refusal: nil)), ("d1 ok", .done(refusal: nil)),
        ("d1 NO [AUTH] no\tway", .done(refusal: "NO [AUTH] no way")), ("d1 BAD what", .done(refusal: "BAD what")),
        ("d11 OK done", .other), ("* SEARCH", .search([])),
        ("* SEARCH 2 84 4294967295", .search([2, 84, 4_294_967_295])),
        ("* search 1 x 99999999999 3", .search([1, 3])),
        ("* OK [UIDVALIDITY 3857529045] UIDs valid", .uidValidity(3_857_529_045)),
        ("* OK [UIDVALIDITY x] y", .other), ("* OK [UIDNEXT 4392]", .other), ("* 3 EXISTS", .other),
        ("* 12 FETCH (UID 7 BODY[]<0> {3})", .uid(7)), ("* 12 FETCH (BODY[]<0> {3} UID 8)", .uid(8)),
        ("* 12 FETCH (FLAGS (\\Seen))", .other), ("* 12 FETCH (UID)", .other), ("* BYE gone", .bye("* BYE gone")),
        ("+ go on", .other), ("", .other), ("*", .other),
    ])
    func responsesAreRead(line: String, reply: IMAPReply) {
        #expect(IMAPReply.read(Array(line.utf8), tag: "d1") == reply)
    }

    @Test func literalsAreMeasured() {
        let table: [(String, Int?)] = [
            ("* 1 FETCH (BODY[] {310}", 310), ("x {0}", 0), ("x {}", nil), ("x {-1}", nil), ("x {1a}", nil),
            ("{12} x", nil),
            ("x {99999999999}", nil), ("}", nil), ("", nil),
        ]
        for (line, length) in table { #expect(IMAPReply.literalLength(Array(line.utf8)) == length, "\(line)") }
        #expect(IMAPReply.quoted("a \"b\\") == "\"a \\\"b\\\\\"")
    }
}
