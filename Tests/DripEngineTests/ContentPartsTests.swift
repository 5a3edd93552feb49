import DripCore
import Testing

@testable import DripEngine

@Suite struct ContentPartsTests {
    @Test func theHeadersAreThoseOfTheMail() {
        let mail = """
            From: Acme <a@example.com>\r
            To: lead@example.org\r
            Subject: Hello\r
            Date: Mon, 23 Nov 2026 06:19:48 +0000\r
            Message-ID: <x@example.com>\r
            List-Unsubscribe: <https://m.example.com/u/x>,\r
             <mailto:u@example.com>\r
            List-Unsubscribe-Post: List-Unsubscribe=One-Click\r
            X-Dripd-Step: welcome\r
            MIME-Version: 1.0\r
            Content-Type: multipart/alternative;\r
             boundary="=_x"\r
            \r
            X-Body: no header\r

            """
        #expect(
            ContentParts.headers(of: Array(mail.utf8)) == [
                MessageContent.Header(
                    name: "List-Unsubscribe", value: "<https://m.example.com/u/x>, <mailto:u@example.com>"),
                MessageContent.Header(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"),
                MessageContent.Header(name: "X-Dripd-Step", value: "welcome"),
            ])
        #expect(ContentParts.headers(of: []).isEmpty && ContentParts.headers(of: Array("\r\n".utf8)).isEmpty)
        #expect(ContentParts.headers(of: Array("A: b".utf8)).isEmpty)
    }
}
