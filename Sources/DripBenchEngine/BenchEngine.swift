import ArgumentParser
import Foundation

/// Measures the engine's own figures in one process: lateness of the alarm, steps a second, rendering.
@main
struct BenchEngine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drip-bench-engine", abstract: "Measures the engine; prints JSON. See scripts/bench.",
        subcommands: [Lateness.self, Steps.self, Render.self])
}

/// Prints one flat object of figures.
func printFigures(_ figures: [String: Double]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let rounded = figures.mapValues { ($0 * 1_000).rounded() / 1_000 }
    print(String(decoding: try encoder.encode(rounded), as: UTF8.self))
}

/// The value below which `share` of all lie.
func quantile(_ share: Double, of sorted: [Double]) -> Double {
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
}
