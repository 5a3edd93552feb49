import CoreMetrics
import DripCore
import Foundation
import Testing

@testable import DripHTTP

@Suite struct MetricsTests {
    private static let at = Instant("2026-11-29T10:00:00Z") ?? .epoch

    private static func report(
        state: StatusReport.State = .running, transport: String = "open", holds: [Hold] = []
    ) -> StatusReport {
        StatusReport(
            version: "1", node: "n", state: state, startedAt: at, writtenAt: at, nextWakeAt: nil, lagSeconds: 1.5,
            zoneRules: "2025b", leads: 3, pausedLeads: 0, suppressed: 1, reserved: 0, sending: 2, unresolved: 1,
            holds: holds,
            campaigns: [
                .init(
                    id: CampaignID(rawValue: "c"), name: "C", file: "c/campaign.yaml", hash: "x", enrolled: 9,
                    active: 4,
                    completed: 3, exited: 2, dueNow: 1, lateSeconds: 0, nextDueAt: nil, deferred: ["capped": 5],
                    skipped: ["late": 6], exitedByReason: ["goalReached": 2], accepted: .init(today: 1, total: 7),
                    failed: .init(today: 0, total: 1), inDoubt: .init(today: 0, total: 1), problem: "held")
            ],
            transports: [
                .init(
                    name: "relay", channel: "email", state: transport, inFlight: 2, limit: 8, accepted: 7,
                    lastError: transport == "open" ? nil : "535 no", pausedUntil: nil, faultySince: nil)
            ],
            inDoubt: [
                .init(
                    campaign: CampaignID(rawValue: "c"), step: StepID(rawValue: "s"), lead: "b•••", id: "id:1",
                    attempt: 1,
                    markedAt: at - .hours(2))
            ], problems: [], today: "2026-11-29", timeZone: "UTC")
    }

    private func samples(_ report: StatusReport) -> [String] {
        var text = MetricText()
        StatusMetrics(report: report, now: Self.at).write(to: &text)
        return text.text.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [
        "dripd_state{state=\"running\"} 1", "dripd_state{state=\"stopped\"} 0", "dripd_lag_seconds 1.5",
        "dripd_deliveries_in_doubt_oldest_seconds 7200", "dripd_enrolled_total{campaign=\"c\"} 9",
        "dripd_enrollments{campaign=\"c\",status=\"active\"} 4",
        "dripd_steps_deferred_total{campaign=\"c\",reason=\"capped\"} 5",
        "dripd_steps_skipped_total{campaign=\"c\",reason=\"late\"} 6",
        "dripd_deliveries_total{campaign=\"c\",outcome=\"accepted\"} 7", "dripd_campaign_problem{campaign=\"c\"} 1",
        "dripd_transport_open{transport=\"relay\",channel=\"email\"} 1",
    ])
    func theStatusIsTold(_ line: String) { #expect(samples(Self.report()).contains(line)) }

    @Test func everyFamilyHasHelpAndTypeOnce() {
        let lines = samples(Self.report())
        let types = lines.filter { $0.hasPrefix("# TYPE") }.map { $0.split(separator: " ")[2] }
        #expect(Set(types).count == types.count && types.count == lines.count { $0.hasPrefix("# HELP") })
        for line in lines where !line.hasPrefix("#") {
            #expect(types.contains { line.hasPrefix($0) }, "\(line)")
        }
    }

    @Test func labelsCannotBreakTheText() {
        var text = MetricText()
        text.sample("x", [("a", "q\"\\\n")], 1)
        #expect(text.text == "x{a=\"q\\\"\\\\\\n\"} 1\n")
    }

    // MARK: The registry

    @Test func aHistogramIsCumulative() {
        let registry = MetricsRegistry(help: ["t": "Time."])
        let timer = registry.makeTimer(label: "t", dimensions: [])
        for nanoseconds in [400_000, 3_000_000, 3_000_000, 90_000_000_000] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        var text = MetricText()
        registry.write(to: &text)
        for line in [
            "# HELP t Time.", "# TYPE t histogram", "t_bucket{le=\"0.0005\"} 1", "t_bucket{le=\"0.005\"} 3",
            "t_bucket{le=\"60\"} 3", "t_bucket{le=\"+Inf\"} 4", "t_count 4",
        ] {
            #expect(text.text.contains("\(line)\n"), "\(line)")
        }
    }

    @Test func aFloodOfLabelsIsOneSeries() {
        let registry = MetricsRegistry()
        for number in 0..<3_000 {
            registry.makeCounter(label: "c", dimensions: [("n", "\(number)")]).increment(by: 1)
        }
        var text = MetricText()
        registry.write(to: &text)
        #expect(text.text.split(separator: "\n").count == 1_003)
        #expect(text.text.contains("\nc 2000\n"))
    }

    @Test func theSameLabelsAreTheSameCounter() {
        let registry = MetricsRegistry()
        for _ in 0..<3 { registry.makeCounter(label: "c", dimensions: [("n", "1")]).increment(by: 2) }
        var text = MetricText()
        registry.write(to: &text)
        #expect(text.text.contains("c{n=\"1\"} 6\n"))
    }

    // MARK: Health

    @Test func whatKeepsItFromSending() throws {
        let all = Hold(target: .everything, since: Self.at, note: "a move")
        #expect(HealthRoutes.obstacles(Self.report()).isEmpty)
        #expect(HealthRoutes.obstacles(Self.report(state: .storeFailed)) == ["the daemon is store_failed"])
        #expect(HealthRoutes.obstacles(Self.report(holds: [all])) == ["everything is paused: a move"])
        #expect(HealthRoutes.obstacles(Self.report(transport: "paused")) == ["transport relay is paused: 535 no"])
    }
}
