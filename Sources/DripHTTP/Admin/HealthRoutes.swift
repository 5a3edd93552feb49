import DripCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What monitoring asks: is it alive, can it send, and all its figures.
struct HealthRoutes: Sendable {
    let control: any EngineControl
    let registry: MetricsRegistry
    /// Holds the state; its size is a figure too.
    let stateDirectory: String

    func add(to router: some RouterMethods<some RequestContext>) {
        router.get("healthz") { _, _ in await alive() }
        router.get("readyz") { _, _ in await ready() }
        router.get("metrics") { _, _ in await metrics() }
    }

    /// The engine's own queue answers: a process that only runs is not alive.
    private func alive() async -> Response {
        await report() == nil
            ? Self.said(.serviceUnavailable, ["the engine does not answer"]) : Self.said(.ok, ["alive"])
    }

    /// Whether a step that is due now would go out.
    private func ready() async -> Response {
        guard let report = await report() else { return Self.said(.serviceUnavailable, ["the engine does not answer"]) }
        let reasons = Self.obstacles(report)
        return reasons.isEmpty ? Self.said(.ok, ["ready"]) : Self.said(.serviceUnavailable, reasons)
    }

    /// Why nothing would go out; empty where something would.
    static func obstacles(_ report: StatusReport) -> [String] {
        var reasons: [String] = []
        if report.state != .running { reasons.append("the daemon is \(report.state.rawValue)") }
        for hold in report.holds where hold.target == .everything {
            reasons.append("everything is paused: \(hold.note)")
        }
        let open = report.transports.filter { $0.state == "open" }
        if open.isEmpty {
            reasons += report.transports.map { transport in
                "transport \(transport.name) is \(transport.state): \(transport.lastError ?? "paused by a person")"
            }
        }
        return reasons
    }

    private func metrics() async -> Response {
        guard let report = await report() else { return Self.said(.serviceUnavailable, ["the engine does not answer"]) }
        var text = MetricText()
        StatusMetrics(report: report, now: report.writtenAt).write(to: &text)
        text.single("dripd_store_bytes", .gauge, "The database and its log on disk.", Double(storeBytes()))
        registry.write(to: &text)
        ProcessMetrics.write(to: &text)
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
    }

    private func storeBytes() -> Int {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: stateDirectory)) ?? []
        return files.reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(stateDirectory)/\(name)")
            return sum
                + (attributes?[.type] as? FileAttributeType == .typeRegular ? attributes?[.size] as? Int ?? 0 : 0)
        }
    }

    private func report() async -> StatusReport? {
        if case .success(.status(let report)) = await control.ask(.status, within: .seconds(5)) { report } else { nil }
    }

    private static func said(_ status: HTTPResponse.Status, _ lines: [String]) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: lines.map { "\($0)\n" }.joined())))
    }
}
