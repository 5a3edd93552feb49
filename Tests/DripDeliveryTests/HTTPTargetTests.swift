import DripCore
import Testing

@testable import DripDelivery

@Suite struct HTTPTargetTests {
    @Test(arguments: [
        "https://example.com/hook", "https://example.com:8443/a?b=c", "http://127.0.0.1:80/x", "http://localhost/x",
        "http://[::1]:8080/x",
    ])
    func takes(url: String) throws {
        #expect(try HTTPTarget(transport: "hook", settings: .webhook(url), secrets: ["bearer": "t"]).url == url)
    }

    @Test(arguments: [
        "http://example.com/hook", "http://10.0.0.1/", "http://127.evil.test/", "http://localhost.evil.test/",
        "ftp://example.com/", "file:///etc/passwd", "https://user:pass@example.com/", "https://user@example.com/", "",
        "example.com", "https://", "https://a b/", "https://example.com/\r\nX: y", "http://127.0.0.1@evil.test/",
    ])
    func refusesTheURL(url: String) {
        let refusal = #expect(throws: TransportRefusal.self) {
            try HTTPTarget(transport: "hook", settings: .webhook(url), secrets: [:])
        }
        #expect(refusal?.key == "url")
    }

    @Test(arguments: [
        ["X-A": "a\r\nX-B: b"], ["X-A\r\nX-B": "b"], ["X A": "b"], ["": "b"], ["X-A": ""], ["Host": "evil.test"],
        ["content-length": "0"], ["Transfer-Encoding": "chunked"], ["Idempotency-Key": "1"], ["Authorization": "x"],
        ["X-A:": "b"], ["X-A": "é"], ["dripd-signature": "t=1,v1=0"],
    ])
    func refusesTheHeader(headers: [String: String]) {
        let refusal = #expect(throws: TransportRefusal.self) {
            try HTTPTarget(
                transport: "hook", settings: .webhook("https://example.com/", headers: headers), secrets: [:])
        }
        #expect(refusal?.key == "headers")
    }

    @Test(arguments: ["", "a\nb", "a\r\nX: y"]) func refusesTheBearer(bearer: String) {
        let refusal = #expect(throws: TransportRefusal.self) {
            try HTTPTarget(transport: "hook", settings: .webhook("https://example.com/"), secrets: ["bearer": bearer])
        }
        #expect(refusal?.key == "bearer")
        #expect(refusal?.description.contains("X: y") == false)
    }
}
