import DripCore
import Testing

@Suite struct HitKindTests {
    private static let phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"

    private func kind(
        _ agent: String = phone, after: TimeSpan? = .hours(1), others: Int = 0, isHead: Bool = false,
        isTrapped: Bool = false, target: String = "https://acme.example/"
    ) -> HitKind {
        let hit = TrackedHit(
            enrollment: EnrollmentID(rawValue: 1), stepHash: 1, what: .clicked, target: target,
            isHead: isHead, userAgent: agent)
        return HitKind.of(hit, sinceAccepted: after, othersRecently: others, isTrapped: isTrapped)
    }

    @Test func aPersonIsOneWhoTakesTime() {
        #expect(kind() == .human && kind(after: .minutes(1)) == .human)
        #expect(kind(after: .seconds(59)) == .unknown && kind(after: nil) == .unknown)
        #expect(kind(after: .milliseconds(4_999)) == .machine && kind(after: .seconds(5)) == .unknown)
    }

    @Test(arguments: [
        "", "Mozilla/5.0", "curl/8.5.0", "python-requests/2.31", "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "Barracuda Sentinel", "Mozilla/5.0 HeadlessChrome/120", "Slackbot-LinkExpanding 1.0", "Go-http-client/1.1",
    ])
    func programsAreKnown(_ agent: String) { #expect(kind(agent) == .machine) }

    @Test func whoFollowsAllLinksIsAGateway() {
        #expect(kind(others: 1) == .human && kind(others: 2) == .machine)
    }

    @Test func whoFollowsTheLinkThatNobodySeesIsAProgram() {
        #expect(kind(target: TrackedHit.trap) == .machine && kind(others: 1, isTrapped: true) == .machine)
    }

    @Test func aHeadIsNobodysReading() { #expect(kind(isHead: true) == .machine) }
}
