import DripCore
import Testing

@testable import DripHTTP

@Suite struct ClientAddressTests {
    private let rule = ClientAddress(trusted: ["10.0.0.0/8", "::1"].compactMap { IPNetwork($0) })

    @Test(arguments: [
        // The connection itself, whatever it claims.
        ("203.0.113.1", ["1.2.3.4"], "203.0.113.1"),
        ("10.0.0.5", ["1.2.3.4, 203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        ("10.0.0.5", ["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", ["10.0.0.7"], "10.0.0.7"),
        ("10.0.0.5", ["1.2.3.4, rubbish"], "10.0.0.5"),
        ("10.0.0.5", ["1.2.3.4, rubbish, 10.0.0.9"], "10.0.0.9"),
        ("10.0.0.5", ["203.0.113.9:4711"], "10.0.0.5"),
        // A Unix socket is a proxy's.
        (nil, ["203.0.113.9"], "203.0.113.9"),
        (nil, [], nil),
    ])
    func clientBehindProxies(_ connection: String?, _ forwarded: [String], _ client: String?) {
        #expect(
            rule.client(connection: connection.flatMap { IPAddress($0) }, forwarded: forwarded)?.description == client)
    }
}

@Suite struct AttemptLimitTests {
    @Test func eachClientHasItsOwnAndEveryMinuteIsNew() {
        let limit = AttemptLimit(most: 2)
        let (one, other) = (IPAddress("203.0.113.1"), IPAddress("203.0.113.2"))
        #expect(limit.take(one, minute: 1) && limit.take(one, minute: 1) && !limit.take(one, minute: 1))
        #expect(limit.take(other, minute: 1))
        #expect(limit.take(one, minute: 2))
    }

    @Test func whoHasAWholeNetworkIsOneClient() {
        let limit = AttemptLimit(most: 1)
        #expect(limit.take(IPAddress("2001:db8::1"), minute: 1))
        #expect(!limit.take(IPAddress("2001:db8::ffff"), minute: 1))
        #expect(limit.take(IPAddress("2001:db8:0:1::1"), minute: 1))
    }
}

@Suite struct FormBodyTests {
    @Test(arguments: [
        ("a=1&b=two+words&a=3", "a", ["1", "3"]), ("b=%F0%9F%8C%B1%20x", "b", ["🌱 x"]), ("c", "c", [""]),
        ("d=%zz%4", "d", ["%zz%4"]), ("=x&&e==", "e", ["="]), ("", "f", []),
    ])
    func fieldsAreRead(_ body: String, _ name: String, _ values: [String]) {
        #expect(FormBody(body.utf8).all(name) == values)
    }

    @Test func aFloodOfFieldsIsCut() {
        let body = (0..<1_000).map { "f=\($0)" }.joined(separator: "&")
        #expect(FormBody(body.utf8).all("f").count == 200)
    }
}
