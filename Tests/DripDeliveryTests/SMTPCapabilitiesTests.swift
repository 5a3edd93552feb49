import Testing

@testable import DripDelivery

@Suite struct SMTPCapabilitiesTests {
    @Test(
        arguments: [
            ("220 hi\r\n250-host\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 8BITMIME\r\n", true, 1_000, true),
            ("220 hi\r\n250-host\r\n250-pipelining\r\n250 size\r\n", true, nil, false),
            ("220 hi\r\n250-host\r\n250 SIZE 0\r\n", false, nil, false),
            ("220 hi\r\n250 PIPELINING\r\n", false, nil, false),
            (
                "220 hi\r\n250-host\r\n250-PIPELINING\r\n250 STARTTLS\r\n220 go\r\n250-host\r\n250 SIZE 5\r\n", false,
                5, false
            ),
            ("220 hi\r\n250-host\r\n250 PIPELINING\r\n334 VXNlcjo=\r\n235 welcome\r\n", true, nil, false),
            ("220 hi\n250-host\n250 SIZE nonsense\n", false, nil, false), ("", false, nil, false),
        ] as [(String, Bool, Int?, Bool)])
    func areThoseOfTheLastEHLO(transcript: String, pipelining: Bool, largest: Int?, eightBit: Bool) {
        let capabilities = SMTPCapabilities(transcript: Array(transcript.utf8))
        #expect(capabilities.pipelining == pipelining)
        #expect(capabilities.largestMessage == largest)
        #expect(capabilities.eightBitMIME == eightBit)
        #expect(!capabilities.smtpUTF8)
    }

    @Test func internationalAddressesAreTakenWhereItIsSaid() {
        #expect(SMTPCapabilities(transcript: Array("250-host\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n".utf8)).smtpUTF8)
    }
}
