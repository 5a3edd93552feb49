import Testing

@testable import DripReturns

/// Each phrase in the words around it that it was seen in.
@Suite struct CausePhrasesTests {
    @Test(arguments: [
        ("550 5.1.1 The email account that you tried to reach does not exist.", RefusalCause.gone),
        ("Sorry, no mailbox here by that name.", .gone), ("This account has been disabled or discontinued", .gone),
        ("User carlosr73 not listed in Domino Directory", .gone), ("Unrouteable address", .gone),
        ("Host or domain name not found. Name service error for name=x type=A: Host not found", .gone),
        ("RESOLVER.ADR.RecipNotFound; not found", .gone), ("all MX point to non-existent hosts", .gone),
        ("Please verify the address and try again. No such user", .gone), ("alamat tidak ditemukan", .gone),
        ("The user's mailbox\nis  full", .full), ("452 4.2.2 The email account is over quota", .full),
        ("User mailbox exceeds allowed size", .full), ("Das Postfach ist voll", .full),
        ("Sender address rejected: Domain not found", .sender),
        ("Client host rejected: cannot find your hostname", .sender),
        ("blocked using zen.spamhaus.org", .sender), ("550 Relaying denied", .sender),
        ("message rejected for policy", .sender),
        ("message size exceeds fixed maximum message size", .content), ("552 virus found", .content),
        ("Connection timed out", .route), ("Host not found, try again", .route),
        ("554 Too many hops 26 (25 max)", .route),
        ("no answer from host: I\u{2019}m giving up", .route),
    ])
    func phrasesHaveTheirCause(text: String, cause: RefusalCause) {
        #expect(CausePhrases.cause(in: text) == cause)
    }

    @Test(arguments: ["", "x", "Hello Budi", "This is a permanent error", "Message from yahoo.com."])
    func otherWordsHaveNone(text: String) {
        #expect(CausePhrases.cause(in: text) == nil)
    }

    @Test func foldingMakesPhrasesMeet() {
        #expect(FoldedText("  A\r\n\t B\u{2019}s \u{0}c ").bytes == Array("a b's c ".utf8))
    }
}
