import CoreMetrics
import DripCore
import Synchronization

/// How many submissions came to what, by swift-metrics; only forms that are there have a series.
package final class FormFigures: Sendable {
    package static let help = [
        name: "Submissions of sign-up forms, by form and what became of them."
    ]
    private static let name = "dripd_form_submissions_total"

    private let known = Mutex<Set<FormID>>([])

    /// Brings the series of a form into being at 0: one that comes only with its first submission looks like a gap.
    func saw(_ form: FormID) {
        guard known.withLock({ $0.insert(form).inserted }) else { return }
        for outcome in FormOutcome.allCases { add(0, form, outcome) }
    }

    /// Counts one; of a form that nobody has seen yet, such as one that is not there, nothing is kept.
    func count(_ form: FormID, _ outcome: FormOutcome) {
        guard known.withLock({ $0.contains(form) }) else { return }
        add(1, form, outcome)
    }

    /// The forms that have series.
    var names: [String] { known.withLock { $0.map(\.rawValue).sorted() } }

    private func add(_ amount: Int, _ form: FormID, _ outcome: FormOutcome) {
        Counter(label: Self.name, dimensions: [("form", form.rawValue), ("outcome", outcome.rawValue)])
            .increment(by: amount)
    }
}
