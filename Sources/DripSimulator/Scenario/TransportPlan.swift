package import DripCore

/// One transport as the simulated `dripd.yaml` describes it.
package struct TransportPlan: Hashable, Sendable {
    package var name: String
    package var channel: Channel
    package var inFlight: Int
    package var traffic: TransportTraffic

    package init(name: String, channel: Channel, inFlight: Int, traffic: TransportTraffic = TransportTraffic()) {
        self.name = name
        self.channel = channel
        self.inFlight = inFlight
        self.traffic = traffic
    }

    /// Whether it can be the reason of a message's lateness although nothing is wrong.
    var isPaced: Bool { traffic.rate != nil || traffic.ratePerDomain != nil || traffic.warmUp != nil }

    /// One for each channel, without limits but `in_flight`.
    package static func pair(email: Int, http: Int) -> [TransportPlan] {
        [
            TransportPlan(name: Channel.email.transportName, channel: .email, inFlight: email),
            TransportPlan(name: Channel.http.transportName, channel: .http, inFlight: http),
        ]
    }
}
