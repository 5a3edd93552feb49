import CCurl
import DripCore
import Testing

@testable import DripDelivery

@Suite struct HTTPVerdictTests {
    @Test(arguments: [
        (200, "accepted delivery 200"), (201, "accepted delivery 201"), (204, "accepted delivery 204"),
        (299, "accepted delivery 299"), (301, "transientFailure transport 301"),
        (308, "transientFailure transport 308"),
        (400, "permanentFailure delivery 400"), (401, "transientFailure transport 401"),
        (403, "transientFailure transport 403"), (404, "transientFailure transport 404"),
        (405, "transientFailure transport 405"), (407, "transientFailure transport 407"),
        (408, "transientFailure delivery 408"), (409, "permanentFailure delivery 409"),
        (410, "permanentFailure delivery 410"), (422, "permanentFailure delivery 422"),
        (425, "transientFailure delivery 425"), (429, "transientFailure pace 429"),
        (500, "transientFailure delivery 500"), (503, "transientFailure delivery 503"),
        (599, "transientFailure delivery 599"),
    ])
    func aStatusDecides(status: Int, expected: String) {
        // Whatever happened after it.
        for failure in [nil, CurlFailure(CURLE_RECV_ERROR), CurlFailure(CURLE_OPERATION_TIMEDOUT)] {
            let facts = HTTPVerdict.Facts(status: status, failure: failure, requestBegan: true, requestSentWhole: true)
            #expect(HTTPVerdict.judge(facts, delivery: DeliveryID(rawValue: 1)).brief == "1 " + expected)
        }
    }

    @Test(arguments: [
        (false, false, "transientFailure transport"), (false, true, "transientFailure transport"),
        (true, false, "transientFailure delivery"), (true, true, "unknown delivery"),
    ])
    func withoutAStatusWhatWasSentDecides(began: Bool, sentWhole: Bool, expected: String) {
        for status in [0, 100] {
            let facts = HTTPVerdict.Facts(status: status, requestBegan: began, requestSentWhole: sentWhole)
            let result = HTTPVerdict.judge(facts, delivery: DeliveryID(rawValue: 1))
            #expect(result.brief == "1 " + expected + (status == 0 ? "" : " \(status)"))
        }
    }

    @Test func theTextQuotesTheAnswerInOneLine() {
        let facts = HTTPVerdict.Facts(status: 422, body: Array("{\n  \"error\": \"bad\u{1B}\"\n}".utf8))
        #expect(HTTPVerdict.judge(facts, delivery: DeliveryID(rawValue: 1)).text == "HTTP 422: { \"error\": \"bad \" }")
    }

    @Test(
        arguments: [
            ("5", nil, 5), ("0", nil, 0), ("86400", nil, 86_400), ("999999", nil, 86_400),
            ("99999999999999999999999", nil, 86_400), ("-5", nil, nil), ("", nil, nil), ("soon", nil, nil),
            ("1.5", nil, nil),
            ("Wed, 21 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 30),
            ("Wed, 21 Oct 2026 07:27:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 0),
            ("Wed, 21 Oct 2036 07:27:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 86_400),
            ("Wed, 21 Oct 2026 07:28:30 GMT", nil, nil), ("Wed, 21 Oct 2026 07:28:30 GMT", "nonsense", nil),
            (nil, nil, nil),
        ] as [(String?, String?, Int64?)])
    func retryAfterIsASpan(value: String?, date: String?, seconds: Int64?) {
        #expect(RetryAfter.span(value, date: date) == seconds.map { TimeSpan.seconds($0) })
    }
}
