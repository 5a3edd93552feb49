import Crypto
import CryptoExtras
import DripCore
import Foundation
import Testing

@testable import DripMessages

@Suite struct DKIMTests {
    private static let rsa = try? _RSA.Signing.PrivateKey(keySize: .bits2048)
    private static let ed25519Seed = Array<UInt8>(1...32)

    private static func rsaKey(_ domain: String = "acme.example") throws -> DKIMKey {
        try DKIMKey(domain: domain, selector: "rsa", pem: try #require(rsa).pkcs8PEMRepresentation)
    }

    private static func edKey(_ domain: String = "acme.example", seed: [UInt8] = ed25519Seed) throws -> DKIMKey {
        try DKIMKey(domain: domain, selector: "ed", pem: pkcs8(seed))
    }

    /// As `openssl genpkey -algorithm ed25519` writes it.
    private static func pkcs8(_ seed: [UInt8]) -> String {
        let header: [UInt8] = [
            0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
        ]
        let text = Data(header + seed).base64EncodedString()
        return "-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n"
    }

    private func mail(
        _ keys: [DKIMKey], body: String = "Hello {{ lead.first_name | default: \"you\" }}",
        change: (inout MailDetails) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        var details = MailDetails(
            recipient: try EmailAddress("budi@example.com"),
            identity: MessageIdentity(
                instanceID: "test", enrollment: EnrollmentID(rawValue: 42), step: StepID(rawValue: "welcome"),
                domain: "acme.example"),
            composedAt: try #require(Instant("2026-11-23T02:00:01.250Z")),
            plannedAt: try #require(Instant("2026-11-23T02:00:00Z")))
        try change(&details)
        let composer = MailComposer(dkim: DKIMSigner(keys: keys))
        return try composer.compose(compiled(body: body), for: context(), details).bytes
    }

    // MARK: Canonical octets

    /// The example of RFC 6376 §3.4.5.
    @Test func canonicalIsAsInTheStandardsExample() {
        let mail = Array("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n".utf8)
        let (fields, body) = DKIMCanonical.split(mail)
        #expect(fields.map { String(decoding: DKIMCanonical.field($0), as: UTF8.self) } == ["a:X\r\n", "b:Y Z\r\n"])
        #expect(String(decoding: DKIMCanonical.body(body), as: UTF8.self) == " C\r\nD E\r\n")
    }

    @Test(arguments: [
        ("", ""), ("\r\n\r\n", ""), (" \t\r\n \r\n", ""), ("a", "a\r\n"), ("a\r\n \r\n", "a\r\n"),
        ("\r\n\r\na\r\n", "\r\n\r\na\r\n"), ("a \t b \r\n\r\n\tc", "a b\r\n\r\n c\r\n"), ("a\rb\nc", "a\rb\nc\r\n"),
        ("a  ", "a\r\n"),
    ])
    func bodies(body: String, canonical: String) {
        let bytes = Array(body.utf8)
        #expect(String(decoding: DKIMCanonical.body(bytes[...]), as: UTF8.self) == canonical)
    }

    @Test(arguments: [
        ("SUBJect: AbC\r\n", "subject:AbC\r\n"), ("X-A:\r\n  b\r\n\r\n", "x-a:b\r\n"), ("A \t:\t \r\n", "a:\r\n"),
        ("A: b : c\r\n", "a:b : c\r\n"), ("no field\r\n", ""),
    ])
    func fields(field: String, canonical: String) {
        #expect(String(decoding: DKIMCanonical.field(Array(field.utf8)), as: UTF8.self) == canonical)
    }

    /// The Ed25519 signature of RFC 8463 appendix A.3, made again from its key and its mail.
    @Test func signsAsInTheStandardsExample() throws {
        let seed = try #require(Data(base64Encoded: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
        let key = try DKIMKey(domain: "football.example.com", selector: "brisbane", pem: Self.pkcs8(Array(seed)))
        let fields = [
            "From: Joe SixPack <joe@football.example.com>\r\n", "To: Suzie Q <suzie@shopping.example.net>\r\n",
            "Subject: Is dinner ready?\r\n", "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n",
            "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n",
        ]
        let body = Array("Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n".utf8)
        let bodyHash = Data(SHA256.hash(data: DKIMCanonical.body(body[...]))).base64EncodedString()
        #expect(bodyHash == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=")
        let own =
            "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;"
            + "\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject :"
            + " date;\r\n bh=\(bodyHash);\r\n b=\r\n"
        var hasher = SHA256()
        for field in fields { hasher.update(data: DKIMCanonical.field(Array(field.utf8))) }
        hasher.update(data: DKIMCanonical.field(Array(own.utf8)).dropLast(2))
        #expect(
            Data(try key.signature(over: hasher.finalize())).base64EncodedString()
                == "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==")
        #expect(key.record == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    }

    // MARK: Whole mails, judged by dkimpy

    @Test func bothAlgorithmsVerify() throws {
        let keys = try [Self.rsaKey(), Self.edKey()]
        let many = String(repeating: "Lots of  blanks  and Ünïcode.\n\n", count: 40)
        let mails = try [
            mail(keys), mail([keys[1]]), mail([keys[0]]), mail(keys, body: many + "\\\n \\\n"),
            mail(keys) { $0.recipient = try EmailAddress("büdi@bücher.example") },
        ]
        #expect(try DKIMJudge.verify(mails, keys) == [[true, true], [true], [true], [true, true], [true, true]])
        for mail in mails.dropLast() { expectCanonical(mail) }
        // The last one has a header of RFC 6532, which that parser does not read.
        let parsed = try ParsedMail.parse(mails.dropLast())
        #expect(parsed.flatMap(\.defects) == [])
    }

    /// What is changed or added on the way breaks it; what a relay may do does not.
    @Test func whatIsSealedCannotBeAddedTo() throws {
        let keys = try [Self.edKey()]
        let signed = String(decoding: try mail(keys), as: UTF8.self)
        let harmless = ["Received: from x by y\r\n", "X-Spam-Status: No\r\n", "List-Help: <mailto:a@b.example>\r\n"]
        let harmful = [
            "From: Eve <eve@evil.example>\r\n", "To: eve@evil.example\r\n", "Subject: You won\r\n",
            "Cc: e@e.example\r\n",
            "Reply-To: eve@evil.example\r\n", "Date: Mon, 23 Nov 2026 02:00:01 +0000\r\n",
            "List-Unsubscribe: <https://evil.example>\r\n", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "Content-Type: text/html\r\n", "MIME-Version: 1.0\r\n", "Message-ID: <x@y.example>\r\n",
        ]
        let changed = [
            signed.replacing("Subject: Hello", with: "Subject: Hallo"), signed.replacing("Hello you", with: "Hello me"),
            signed.replacing("mailto:stop@", with: "mailto:st0p@"), signed.replacing("One-Click", with: "One-Clack"),
            signed.replacing("ebook-nurture:welcome", with: "x:welcome"), signed.replacing("t=1", with: "t=2"),
        ]
        #expect(!changed.contains(signed))
        let good = (harmless + [""]).map { Array(($0 + signed).utf8) }
        let bad = harmful.map { Array(($0 + signed).utf8) } + changed.map { Array($0.utf8) }
        #expect(try DKIMJudge.verify(good, keys) == good.map { _ in [true] })
        #expect(try DKIMJudge.verify(bad, keys) == bad.map { _ in [false] })
    }

    @Test func theFieldIsFoldedAndTheSameEveryTime() throws {
        let keys = try [Self.rsaKey(), Self.edKey()]
        let signed = String(decoding: try mail(keys), as: UTF8.self)
        #expect(signed == String(decoding: try mail(keys), as: UTF8.self))
        let unsigned = String(decoding: try mail([]), as: UTF8.self)
        #expect(signed.hasSuffix(unsigned) && unsigned.hasPrefix("From: "))
        let lines = signed.dropLast(unsigned.count).split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(
            Array(lines.prefix(2)) == [
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example;", " s=rsa; t=1795399201;",
            ])
        let own = lines.map { $0.drop { $0 == " " } }.joined().split(separator: "DKIM-Signature:")
        let names =
            "h=from:from:to:to:cc:reply-to:subject:subject:date:date:message-id:message-id:mime-version:mime-version:"
            + "content-type:content-type:list-unsubscribe:list-unsubscribe:list-unsubscribe-post:list-unsubscribe-post:"
            + "list-id:feedback-id;"
        #expect(own.count == 2 && own.allSatisfy { $0.contains(names) })
    }

    @Test(arguments: [
        ("acme.example", true), ("ACME.example", true), ("example", true), ("mail.acme.example", false),
        ("cme.example", false), ("other.example", false),
    ])
    func aKeySignsForItsDomainAndThoseBelow(domain: String, signs: Bool) throws {
        let signed = String(decoding: try mail([Self.edKey(domain)]), as: UTF8.self)
        #expect(signed.hasPrefix("DKIM-Signature:") == signs)
        #expect(DKIMSigner(keys: [try Self.edKey(domain)]).covers("acme.example") == signs)
    }

    // MARK: Keys

    @Test func readsWhatOpenSSLWrites() throws {
        let rsa = try #require(Self.rsa)
        #expect(try DKIMKey(domain: "a.example", selector: "s", pem: rsa.pemRepresentation).algorithm == .rsa)
        #expect(try DKIMKey(domain: "a.example", selector: "s", pem: rsa.pkcs8PEMRepresentation).algorithm == .rsa)
        #expect(try Self.edKey().algorithm == .ed25519)
        #expect("\(try Self.edKey())" == "DKIMKey(ed._domainkey.acme.example)")
    }

    @Test func refusesWhatIsNoKey() throws {
        let rsa = try #require(Self.rsa)
        let small = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024))
        let curve = P256.Signing.PrivateKey()
        func block(_ label: String, _ text: String) -> String {
            "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----"
        }
        let cases: [(String, DKIMKey.Refusal)] = [
            ("", .noPEM), ("hunter2", .noPEM), ("-----BEGIN PRIVATE KEY-----", .noPEM),
            (rsa.publicKey.pemRepresentation, .publicKey), (small.pemRepresentation, .bits(1_024)),
            (curve.pemRepresentation, .unusable), (block("PRIVATE KEY", "MAAA"), .unusable),
            (block("PRIVATE KEY", "*"), .unusable), (block("CERTIFICATE", "MAAA"), .unusable),
            (block("ENCRYPTED PRIVATE KEY", "MAAA"), .encrypted),
            (block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nMAAA"), .encrypted),
        ]
        for (pem, refusal) in cases {
            #expect(throws: refusal) { try DKIMKey(domain: "a.example", selector: "s", pem: pem) }
        }
    }
}

/// dkimpy's verdicts, with the keys in a DNS of its own; without it the test fails.
enum DKIMJudge {
    static func verify(_ mails: [[UInt8]], _ keys: [DKIMKey]) throws -> [[Bool]] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "verify_dkim.py")
        let process = Process()
        // Debian's own: that is where `python3-dkim` is.
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script.path()]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let records = Dictionary(
            uniqueKeysWithValues: keys.map { ("\($0.selector)._domainkey.\($0.domain)", $0.record) })
        var data = try JSONEncoder().encode(records)
        data.append(0x0A)
        for mail in mails {
            data.append(contentsOf: "\(mail.count)\n".utf8)
            data.append(contentsOf: mail)
        }
        // The script answers only when it has read everything, so writing all of it first cannot block.
        try input.fileHandleForWriting.write(contentsOf: data)
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "verify_dkim.py failed; is python3-dkim installed?")
        return try JSONDecoder().decode([[Bool]].self, from: answer)
    }
}
