import DripCore
import Testing

@Suite struct ProviderTextTests {
    @Test(
        arguments: [
            ("plain", [.literal("plain")]), ("", [.literal("")]), ("$subject", [.value(.subject)]),
            ("$lead.first_name", [.value(.attribute("first_name"))]),
            ("$header.List-Unsubscribe", [.value(.header("List-Unsubscribe"))]),
            ("{domain}", [.setting("domain")]), ("a {b} c", [.literal("a "), .setting("b"), .literal(" c")]),
            ("{a}{$step}", [.setting("a"), .value(.step)]), ("{{a}}", [.literal("{a}")]), ("$$5", [.literal("$5")]),
            ("5$", [.literal("5$")]), ("a $subject", [.literal("a $subject")]),
        ] as [(String, [ProviderText.Piece])])
    func reads(text: String, pieces: [ProviderText.Piece]) throws {
        #expect(try ProviderText(text).pieces == pieces)
    }

    @Test(
        arguments: [
            ("$sbject", .unknownValue("$sbject")), ("{$sbject}", .unknownValue("$sbject")),
            ("$lead.", .unknownValue("$lead.")), ("$", .unknownValue("$")), ("{", .brace("{")), ("}", .brace("}")),
            ("a}b", .brace("}")), ("{a", .brace("{")), ("{}", .brace("{}")), ("{A b}", .brace("{A b}")),
            ("{{a}", .brace("}")),
        ] as [(String, ProviderText.Mistake)])
    func refuses(text: String, mistake: ProviderText.Mistake) {
        #expect(throws: mistake) { try ProviderText(text) }
    }
}

@Suite struct HTTPSettingsTests {
    private static func settings(_ values: [String: String]) throws -> HTTPSettings {
        let provider = Provider(
            name: "p", reach: .http,
            settings: [
                ProviderSetting(
                    name: "origin", kind: .origin, standard: try ProviderText("https://mail.{region}.example.com")),
                ProviderSetting(name: "region", kind: .text), ProviderSetting(name: "domain", kind: .text),
            ], url: try ProviderText("{origin}/v1/{domain}/{$lead.key}?a=b"), body: .webhook)
        return HTTPSettings(provider: provider, values: values.mapValues(HTTPSettings.Value.text))
    }

    /// Neither ops' text nor a lead's value makes a host, a segment or a query.
    @Test(
        arguments: [
            (["region": "eu", "domain": "d"], "k", "https://mail.eu.example.com/v1/d/k?a=b"),
            (["region": "eu", "domain": "a/../b?c#d"], "k", "https://mail.eu.example.com/v1/a%2F..%2Fb%3Fc%23d/k?a=b"),
            (
                ["region": "eu", "domain": "d"], "../../x?y=1&z",
                "https://mail.eu.example.com/v1/d/..%2F..%2Fx%3Fy%3D1%26z?a=b"
            ),
            (["region": "eu", "domain": "d"], "..", "https://mail.eu.example.com/v1/d/%2E%2E?a=b"),
            (
                ["region": "eu", "domain": "d"], "é\r\nX: y",
                "https://mail.eu.example.com/v1/d/%C3%A9%0D%0AX%3A%20y?a=b"
            ),
            (["origin": "https://other.example", "domain": "d"], "k", "https://other.example/v1/d/k?a=b"),
            (["domain": "d"], "k", nil), (["region": "eu"], "k", nil), (["region": "eu", "domain": "d"], "", nil),
        ] as [([String: String], String, String?)])
    func fillsTheAddress(values: [String: String], key: String, url: String?) throws {
        let settings = try Self.settings(values)
        #expect(settings.filled(settings.provider.url) { $0 == .leadKey ? key : nil } == url)
    }
}
