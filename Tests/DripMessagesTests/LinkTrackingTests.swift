import DripCore
import Foundation
import Testing

@testable import DripMessages

@Suite struct LinkTrackingTests {
    private static let key = LinkSigner.Key(id: 1, secret: [UInt8](repeating: 7, count: 32))

    private func tracking(clicks: Bool = true, opens: Bool = false) throws -> LinkTracking {
        LinkTracking(
            signer: try LinkSigner(publicURL: "https://mail.example.com", keys: [Self.key]),
            enrollment: EnrollmentID(rawValue: 7 << 10), step: StepID(rawValue: "welcome"), clicks: clicks, opens: opens
        )
    }

    private func rewritten(_ html: String, opens: Bool = false) throws -> String {
        String(decoding: try tracking(opens: opens).rewritten(Array(html.utf8)), as: UTF8.self)
    }

    /// Token and target of every followed link.
    private func links(_ html: String) throws -> [(token: String, target: String)] {
        html.matches(of: /https:\/\/mail\.example\.com\/c\/([A-Za-z0-9_-]+)\?u=([^"]*)/).map {
            (String($0.1), String($0.2).removingPercentEncoding ?? "")
        }
    }

    @Test func aLinkLeadsToItsTargetAndNowhereElse() throws {
        let html = try rewritten("<p><a class=\"x\" href=\"https://acme.example/?a=1&amp;b=ü\">go</a></p>")
        let link = try #require(try links(html).first)
        #expect(link.target == "https://acme.example/?a=1&b=ü")
        let signer = try tracking().signer
        let mark = TrackedMark(
            enrollment: EnrollmentID(rawValue: 7 << 10), stepHash: TrackedMark.hash(of: StepID(rawValue: "welcome")))
        #expect(signer.verify(link.token, purpose: .click, about: link.target) == mark)
        for other in ["https://evil.example/", "https://acme.example/?a=1&b=u", "//evil.example", ""] {
            #expect(signer.verify(link.token, purpose: .click, about: other) == nil)
        }
        #expect(signer.verify(link.token, purpose: .open, about: link.target) == nil)
        #expect(signer.verify(link.token, purpose: .unsubscribe) == nil)
    }

    @Test(arguments: [
        "<a href=\"mailto:x@example.com\">", "<a href=\"http://acme.example/\">", "<a href='https://acme.example/'>",
        "<a href=\"https://mail.example.com/u/abc\">", "<link href=\"https://acme.example/x.css\">",
        "<abbr href=\"https://acme.example/\">", "<a data-href=\"https://acme.example/\">",
        "text href=\"https://x.example\"",
        "<a", "<a href=\"https://cut",
    ])
    func whatIsNotFollowedStaysAsItIs(_ html: String) throws { #expect(try rewritten(html) == html) }

    @Test func everyFlippedBitIsRefused() throws {
        let signer = try tracking().signer
        let url = signer.clickURL(
            to: "https://acme.example/", for: EnrollmentID(rawValue: 9), step: StepID(rawValue: "s"))
        let token = try #require(url.split(separator: "/").last?.split(separator: "?").first)
        let bytes = try #require(Base64.bytes(fromURLText: String(token)))
        for index in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << bit
                #expect(
                    signer.verify(Base64.urlText(altered), purpose: .click, about: "https://acme.example/") == nil)
            }
        }
    }

    @Test func whatNobodySeesStandsInFrontOfEveryLink() throws {
        let html = try rewritten("<html><body class=\"x\"><a href=\"https://a.example/\">a</a></body></html>")
        let start = "<html><body class=\"x\"><a href=\"https://mail.example.com/t/"
        #expect(html.hasPrefix(start))
        let token = html.dropFirst(start.count).prefix { $0 != "\"" }
        let signer = try tracking().signer
        #expect(signer.verify(String(token), purpose: .trap, about: "") != nil)
        #expect(signer.verify(String(token), purpose: .open, about: "") == nil)
        #expect(html.contains("style=\"display:none\" aria-hidden=\"true\" tabindex=\"-1\"></a><a href="))
        #expect(try tracking(clicks: false).rewritten(Array("<body>".utf8)) == Array("<body>".utf8))
    }

    @Test func thePictureStandsBeforeTheEndOfTheBody() throws {
        let html = try rewritten("<html><body>Hi</body></html>", opens: true)
        #expect(html.contains("Hi<img src=\"https://mail.example.com/o/") && html.hasSuffix("></body></html>"))
        let link = Array("<a href=\"https://a.example\">".utf8)
        #expect(try tracking(clicks: false).rewritten(link) == link)
    }
}
