import DripCore

/// The figures of the status, as Prometheus takes them: one value, so that the two can never disagree (G8).
///
/// Labels are names of the files (campaigns, transports) and words of the house (reasons, states): nothing from a lead.
struct StatusMetrics {
    let report: StatusReport
    let now: Instant

    func write(to text: inout MetricText) {
        writeDaemon(to: &text)
        writeCampaigns(to: &text)
        writeTransports(to: &text)
        writeCRMs(to: &text)
    }

    private func writeDaemon(to text: inout MetricText) {
        text.family("dripd_info", .gauge, "What runs; always 1.")
        text.sample(
            "dripd_info", [("version", report.version), ("node", report.node), ("zone_rules", report.zoneRules)], 1)
        text.family("dripd_state", .gauge, "1 for the state that the daemon is in.")
        for state in StatusReport.State.allCases {
            text.sample("dripd_state", [("state", state.rawValue)], report.state == state ? 1 : 0)
        }
        text.single(
            "dripd_start_time_seconds", .gauge, "When it started, in Unix time.", seconds(report.startedAt))
        text.single(
            "dripd_lag_seconds", .gauge,
            "How late the oldest due step is, or since when a wanted transport does not work.", report.lagSeconds)
        if let wake = report.nextWakeAt {
            text.single(
                "dripd_next_wake_timestamp_seconds", .gauge, "When something is due next, in Unix time.", seconds(wake))
        }
        text.single("dripd_leads", .gauge, "Leads in the state.", Double(report.leads))
        text.single("dripd_leads_paused", .gauge, "Leads that are paused, each by itself.", Double(report.pausedLeads))
        text.single(
            "dripd_mailboxes_suppressed", .gauge, "Mailboxes on the do-not-send list.", Double(report.suppressed))
        text.single("dripd_holds", .gauge, "What people paused, beside leads.", Double(report.holds.count))
        text.single(
            "dripd_deliveries_sending", .gauge, "Deliveries that a transport works on.", Double(report.sending))
        text.single(
            "dripd_deliveries_reserved", .gauge, "Deliveries that wait for another attempt.", Double(report.reserved))
        text.single(
            "dripd_deliveries_in_doubt", .gauge, "Deliveries of which nobody has said yet whether they arrived.",
            Double(report.unresolved))
        let oldest = report.inDoubt.compactMap(\.markedAt).min()
        text.single(
            "dripd_deliveries_in_doubt_oldest_seconds", .gauge, "Age of the oldest of them; 0 where there is none.",
            oldest.map { max(0, seconds(now) - seconds($0)) } ?? 0)
    }

    private func writeCampaigns(to text: inout MetricText) {
        func each(
            _ name: String, _ kind: MetricText.Kind, _ help: String,
            _ samples: (StatusReport.CampaignStatus) -> [([(String, String)], Double)]
        ) {
            text.family(name, kind, help)
            for campaign in report.campaigns {
                for (labels, value) in samples(campaign) {
                    text.sample(name, [("campaign", campaign.id.rawValue)] + labels, value)
                }
            }
        }
        func byReason(_ counts: [String: Int]) -> [([(String, String)], Double)] {
            counts.sorted { $0.key < $1.key }.map { ([("reason", $0.key)], Double($0.value)) }
        }
        each("dripd_enrolled_total", .counter, "Enrollments that began.") { [([], Double($0.enrolled))] }
        each("dripd_enrollments", .gauge, "Enrollments by what they are now.") { campaign in
            [("active", campaign.active), ("completed", campaign.completed), ("exited", campaign.exited)].map {
                ([("status", $0.0)], Double($0.1))
            }
        }
        each("dripd_steps_due", .gauge, "Steps that are due and have not gone.") { [([], Double($0.dueNow))] }
        each("dripd_steps_late_seconds", .gauge, "How late the oldest due step is.") { [([], $0.lateSeconds)] }
        each("dripd_steps_deferred_total", .counter, "Decisions that put a step off, by reason.") {
            byReason($0.deferred)
        }
        each("dripd_steps_skipped_total", .counter, "Decisions that skipped a step, by reason.") {
            byReason($0.skipped)
        }
        each("dripd_enrollments_exited_total", .counter, "Enrollments that ended early, by reason.") {
            byReason($0.exitedByReason)
        }
        each("dripd_deliveries_total", .counter, "Deliveries that ended, by outcome.") { campaign in
            [("accepted", campaign.accepted), ("failed", campaign.failed), ("in_doubt", campaign.inDoubt)].map {
                ([("outcome", $0.0)], Double($0.1.total))
            }
        }
        each("dripd_campaign_problem", .gauge, "1 where the file on disk is broken or its edit is held.") {
            [([], $0.problem == nil ? 0 : 1)]
        }
    }

    private func writeTransports(to text: inout MetricText) {
        func each(
            _ name: String, _ kind: MetricText.Kind, _ help: String, _ value: (StatusReport.TransportStatus) -> Int
        ) {
            text.family(name, kind, help)
            for transport in report.transports {
                text.sample(
                    name, [("transport", transport.name), ("channel", transport.channel)], Double(value(transport)))
            }
        }
        each("dripd_transport_open", .gauge, "1 where it sends; 0 where it is paused or being probed.") {
            $0.state == "open" ? 1 : 0
        }
        each("dripd_transport_in_flight", .gauge, "Deliveries that it works on.", \.inFlight)
        each("dripd_transport_in_flight_limit", .gauge, "How many it may work on at once.", \.limit)
        each("dripd_transport_accepted_total", .counter, "Messages that it took since the start.", \.accepted)
    }

    private func writeCRMs(to text: inout MetricText) {
        func each(_ name: String, _ help: String, _ value: (CRMView) -> Double) {
            text.family(name, .gauge, help)
            for crm in report.crm ?? [] { text.sample(name, [("transport", crm.transport)], value(crm)) }
        }
        each("dripd_crm_pushes_waiting", "Changes of leads on their way to a CRM.") { Double($0.waiting) }
        each("dripd_crm_pushes_waiting_oldest_seconds", "Age of the oldest of them; 0 where there is none.") {
            $0.oldestAt.map { max(0, seconds(now) - seconds($0)) } ?? 0
        }
        each("dripd_crm_dead_letters", "Changes of leads that a CRM never took.") { Double($0.dead) }
    }

    private func seconds(_ instant: Instant) -> Double { Double(instant.milliseconds) / 1_000 }
}
