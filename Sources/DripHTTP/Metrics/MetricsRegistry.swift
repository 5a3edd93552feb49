package import CoreMetrics
import Synchronization

/// What the program measures by swift-metrics, kept for Prometheus: counters, gauges, and histograms of seconds.
///
/// A family has at most 1,000 sets of labels: one more is counted with none, so that no value from outside makes memory grow.
package final class MetricsRegistry: MetricsFactory {
    /// Upper bounds of the buckets of every histogram, in seconds: from a commit to a clock that was set.
    static let bounds = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]
    private static let mostSeries = 1_000

    private struct Family {
        var kind: MetricText.Kind
        var series: [String: (labels: [(String, String)], series: Series)] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    private let help: [String: String]

    /// `help` says of each name what it measures; one without a line there says its name.
    package init(help: [String: String] = [:]) {
        self.help = help
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .histogram : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram)
    }

    // Series live as long as the process: a counter that began anew would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func series(_ name: String, _ labels: [(String, String)], _ kind: MetricText.Kind) -> Series {
        families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            let key = labels.map { "\($0.0)\u{0}\($0.1)" }.joined(separator: "\u{1}")
            if let known = family.series[key] { return known.series }
            let isFull = family.series.count >= Self.mostSeries
            if isFull, let rest = family.series[""] { return rest.series }
            let made = Series()
            family.series[isFull ? "" : key] = (isFull ? [] : labels, made)
            families[name] = family
            return made
        }
    }

    /// Every family, sorted by name.
    func write(to text: inout MetricText) {
        let families = families.withLock { $0 }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.family(name, family.kind, help[name] ?? name)
            for (_, (labels, series)) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, family.kind, to: &text)
            }
        }
    }
}

/// One set of labels of one family.
private final class Series: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private struct Figures {
        var value = 0.0
        var count: UInt64 = 0
        var sum = 0.0
        var buckets = [UInt64](repeating: 0, count: MetricsRegistry.bounds.count)
    }

    private let figures = Mutex(Figures())

    func increment(by amount: Int64) { figures.withLock { $0.value += Double(amount) } }
    func reset() { figures.withLock { $0.value = 0 } }
    func set(_ value: Int64) { figures.withLock { $0.value = Double(value) } }
    func set(_ value: Double) { figures.withLock { $0.value = value } }
    func increment(by amount: Double) { figures.withLock { $0.value += amount } }
    func decrement(by amount: Double) { figures.withLock { $0.value -= amount } }
    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    func record(_ value: Double) {
        figures.withLock { figures in
            figures.value = value
            figures.count += 1
            figures.sum += value
            if let index = MetricsRegistry.bounds.firstIndex(where: { value <= $0 }) { figures.buckets[index] += 1 }
        }
    }

    func write(_ name: String, _ labels: [(String, String)], _ kind: MetricText.Kind, to text: inout MetricText) {
        let figures = figures.withLock { $0 }
        guard kind == .histogram else {
            text.sample(name, labels, figures.value)
            return
        }
        var sum: UInt64 = 0
        for (bound, count) in zip(MetricsRegistry.bounds, figures.buckets) {
            sum += count
            text.sample("\(name)_bucket", labels + [("le", MetricText.number(bound))], Double(sum))
        }
        text.sample("\(name)_bucket", labels + [("le", "+Inf")], Double(figures.count))
        text.sample("\(name)_sum", labels, figures.sum)
        text.sample("\(name)_count", labels, Double(figures.count))
    }
}
